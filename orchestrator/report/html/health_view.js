// Whether turnout itself was in the way.

// In its worst second; data.late_limit_ms is the limit beyond which a run is not judged.
function lateText(host) {
  const late = Math.max(host.loop_lag_p99_ms, host.pacer_late_p99_ms);
  if (late <= data.late_limit_ms) return 'on time';
  return el('span', { class: 'open' }, `${msText(late)} late: times of those calls contain turnout's own`);
}

function healthView() {
  const { hosts, services } = summary.run;
  const lag = summary.total.schedule_lag_ms;
  const crash = (of) => (of.crash ? el('span', { class: 'bad' }, `died: ${of.crash}`) : null);
  const state = (host) => crash(host) ?? lateText(host);
  return section(
    'health',
    'Health of turnout itself',
    el('p', { class: lag.p99 > data.late_limit_ms ? 'bad' : null }, term('lag'), ` p50 ${msText(lag.p50)}, p99 ${msText(lag.p99)}, worst ${msText(lag.max)}.`),
    hosts.length > 0 ? table('Bot hosts, worst second of each', [
      { head: 'Bot host', name: true, cell: (host) => `${host.host}` },
      { head: 'Bots', number: true, cell: (host) => host.bots_max },
      { head: term('loop', 'Loop lag p99'), number: true, cell: (host) => msText(host.loop_lag_p99_ms) },
      { head: term('pacer', 'Pacer late p99'), number: true, cell: (host) => msText(host.pacer_late_p99_ms) },
      { head: 'CPU cores', number: true, cell: (host) => host.cpu_cores_max.toFixed(2) },
      { head: 'Memory', number: true, cell: (host) => `${Math.round(host.rss_mb_max)} MB` },
      { head: '', name: true, cell: state },
    ], hosts) : null,
    services.length > 0 ? table('Services', [
      { head: 'Service', name: true, cell: (service) => service.service },
      { head: 'Address', name: true, cell: (service) => service.address },
      { head: '', name: true, cell: (service) => crash(service) ?? 'ran to the end' },
    ], services) : null,
  );
}
