// Why calls failed so far, by cause; and each failure as it happens, the newest first.

function liveCauses({ causes }) {
  if (causes.length === 0) return null;
  return section('causes', 'Why calls failed, so far', table('Causes of failure, the most frequent first', [
    { head: 'Calls', number: true, cell: (cause) => cause.calls },
    { head: 'Cause', name: true, cell: (cause) => wordsOf(cause.cause) },
    { head: 'Arms', name: true, cell: (cause) => cause.arms.map(({ turn, calls }) => (cause.arms.length > 1 ? `${turn} ${calls}` : turn)).join(', ') },
    { head: 'What was seen, and what to do', cell: (cause) => el('span', {}, el('span', { class: 'faint' }, asSentence(cause.detail || '-')), ' ', el('strong', {}, cause.remedy)) },
  ], causes));
}

function liveFailures({ failures, failures_seen: seen, arms }) {
  if (failures.length === 0) return section('failures', 'Failures', el('p', { class: 'faint' }, 'None so far.'));
  const more = seen - failures.length;
  return section(
    'failures',
    'Failures',
    table('Failures, the newest first', [
      { head: 'At', number: true, cell: (failure) => `${(failure.at_ms / 1000).toFixed(1)} s` },
      { head: 'Call', number: true, cell: (failure) => failure.call },
      { head: 'Arm', name: true, cell: (failure) => arms[failure.arm]?.turn ?? '-' },
      { head: 'Cause', name: true, cell: (failure) => wordsOf(failure.cause) },
        { head: 'Detail', cell: (failure) => el('span', { class: 'faint' }, failure.detail) },
    ], failures),
    more > 0 ? el('p', { class: 'faint' }, `and ${countText(more, 'earlier one')}`) : null,
  );
}
