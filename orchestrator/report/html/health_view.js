// Whether turnout itself was in the way.

function healthView() {
  const { hosts, services } = summary.run;
  const lag = summary.total.schedule_lag_ms;
  const crash = (of) => (of.crash ? el('span', { class: 'bad' }, `died: ${of.crash}`) : el('span', {}, 'fine'));
  return section(
    'health',
    'Health of turnout itself',
    el('p', {}, term('lag'), ` p50 ${msText(lag.p50)}, p99 ${msText(lag.p99)}, worst ${msText(lag.max)}.`),
    hosts.length > 0 ? table('Bot hosts, worst second of each', [
      { head: 'Bot host', name: true, cell: (host) => `${host.host}` },
      { head: 'Bots', number: true, cell: (host) => host.bots_max },
      { head: term('loop', 'Loop lag p99'), number: true, cell: (host) => msText(host.loop_lag_p99_ms) },
      { head: term('pacer', 'Pacer late p99'), number: true, cell: (host) => msText(host.pacer_late_p99_ms) },
      { head: 'CPU cores', number: true, cell: (host) => host.cpu_cores_max.toFixed(2) },
      { head: 'Memory', number: true, cell: (host) => `${Math.round(host.rss_mb_max)} MB` },
      { head: '', name: true, cell: crash },
    ], hosts) : null,
    services.length > 0 ? table('Services', [
      { head: 'Service', name: true, cell: (service) => service.service },
      { head: 'Address', name: true, cell: (service) => service.address },
      { head: '', name: true, cell: crash },
    ], services) : null,
  );
}
