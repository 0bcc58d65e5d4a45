// What the app made people wait for, and what came back after somebody had been away.

function stepRow([action, step]) {
  const told = 'told' in step;
  return {
    action,
    taken: step.taken,
    good: told ? `${step.told} of ${step.due} partners told` : `${step.recovered} of ${step.due}`,
    outage: told ? null : step.outage_ms,
    session: told || step.resumed + step.new_session === 0 ? '-' : `${step.resumed} same, ${step.new_session} new`,
  };
}

function recoveryTable() {
  const steps = Object.entries(summary.total.steps ?? {}).map(stepRow);
  if (steps.length === 0) return null;
  const outage = (percentile) => ({ outage }) => (outage && outage.n > 0 ? reachedText(outage[percentile], outage.horizon) : '-');
  return [
    el('h3', {}, 'Recovery'),
    table('Recovery after steps', [
      { head: 'Step', name: true, cell: (row) => wordsOf(row.action) },
      { head: 'Taken', number: true, cell: (row) => row.taken },
      { head: term('recovery'), name: true, cell: (row) => row.good },
      { head: term('outage', 'Outage p50'), number: true, cell: outage('p50') },
      { head: 'p95', number: true, cell: outage('p95') },
      { head: 'Session', name: true, cell: (row) => row.session },
    ], steps),
  ];
}

function faultsTable() {
  const { faults = [] } = summary.run;
  if (faults.length === 0) return null;
  return [
    el('h3', {}, 'Faults of servers, on purpose'),
    table('Faults of servers', [
      { head: 'Fault', name: true, cell: (fault) => wordsOf(fault.fault) },
      { head: 'Server', name: true, cell: (fault) => fault.service || 'all' },
      { head: 'At', number: true, cell: (fault) => msText(fault.at_ms) },
      { head: 'Late by', number: true, cell: (fault) => msText(fault.late_ms) },
      { head: 'Back after', number: true, cell: (fault) => (fault.lasted_ms === null ? 'never' : msText(fault.lasted_ms)) },
    ], faults),
  ];
}

function waitText(wait) {
  if (!wait || wait.n === 0) return null;
  return el('p', {}, term('wait'), ` p50 ${reachedText(wait.p50, wait.horizon)}, p95 ${reachedText(wait.p95, wait.horizon)}, ${wait.censored} of ${wait.n} in vain.`);
}

function messagesText(messages) {
  if (!messages) return null;
  const trip = messages.round_trip_ms;
  return el('p', {}, `Messages: ${messages.sent} sent, ${messages.lost} lost. `, term('roundtrip'), ` p50 ${msText(trip.p50)}, p95 ${msText(trip.p95)}, p99 ${msText(trip.p99)}.`);
}

function sessionsView() {
  const { total } = summary;
  const parts = [waitText(total.wait_time_ms), messagesText(total.messages), faultsTable(), recoveryTable()].filter((part) => part);
  return parts.length > 0 ? section('sessions', 'Waiting, messages, recovery', ...parts) : null;
}
