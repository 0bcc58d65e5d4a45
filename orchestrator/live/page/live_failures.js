// Each failure as it happens, the newest first.

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
      { head: 'What to do', cell: (failure) => failure.remedy },
      { head: 'Detail', cell: (failure) => el('span', { class: 'faint' }, failure.detail) },
    ], failures),
    more > 0 ? el('p', { class: 'faint' }, `and ${countText(more, 'earlier one')}`) : null,
  );
}
