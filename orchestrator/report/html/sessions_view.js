// What the app made people wait for, and what came back after somebody had been away.

// A row for each step of each arm; with one arm alone, of that.
function stepRows() {
  return summary.cells.flatMap((cell, index) => Object.entries(cell.steps ?? {}).map(([action, step]) => ({ index, action, step, isTold: 'told' in step })));
}

function recoveredText({ step, isTold }) {
  if (step.due === 0) return 'nothing to judge';
  return isTold ? `${step.told} of ${step.due} partners told` : `${step.recovered} of ${step.due}`;
}

function sessionText({ step, isTold }) {
  return isTold || step.resumed + step.new_session === 0 ? '-' : `${step.resumed} same, ${step.new_session} new`;
}

// Of times that may not have been reached, beyond which nothing is known.
function stepTime(key, figure) {
  return ({ step }) => {
    const times = step[key];
    if (!times || times.n === 0) return '-';
    return 'horizon' in times ? reachedText(times[figure], times.horizon) : msText(times[figure]);
  };
}

function recoveryTable() {
  const rows = stepRows();
  if (rows.length === 0) return null;
  return [
    el('h3', {}, 'Recovery'),
    table('Recovery after steps, per arm', [
      { head: term('arm'), name: true, cell: (row) => armName(row.index) },
      { head: 'Step', name: true, cell: (row) => wordsOf(row.action) },
      { head: 'Taken', number: true, cell: (row) => row.step.taken },
      { head: term('recovery'), name: true, cell: recoveredText },
      { head: term('detection', 'Noticed after p50'), number: true, cell: stepTime('detect_ms', 'p50') },
      { head: term('outage', 'Outage p50'), number: true, cell: stepTime('outage_ms', 'p50') },
      { head: 'p95', number: true, cell: stepTime('outage_ms', 'p95') },
      { head: 'mean', number: true, cell: stepTime('outage_ms', 'mean') },
      { head: term('back', 'Up after its end p50'), number: true, cell: stepTime('recovery_ms', 'p50') },
      { head: 'Session', name: true, cell: sessionText },
    ], rows),
    recoveredByText(summary.total.recovered_by),
  ];
}

// By which means media came back, in link ends.
function recoveredByText(means) {
  const all = Object.entries(means ?? {});
  return all.length === 0 ? null : el('p', { class: 'faint' }, `Media came back by ${all.map(([word, ends]) => `${word} (${countText(ends, 'link end')})`).join(', ')}.`);
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
