// Why calls failed, with what to do about it; and what the app did wrong.

// What an arm that is meant to fail met is no failure.
function failureRows() {
  return summary.cells.flatMap((cell, index) => [
    ...(cell.expect === 'failure' ? [] : cell.diagnoses).map(({ cause, calls, evidence }) => ({ index, cause, calls, evidence })),
    ...Object.entries(cell.abortions).map(([cause, calls]) => ({
      index, cause, calls, lost: true, evidence: data.arms[index].abortion_examples[cause],
    })),
  ]);
}

function explained(words) {
  return el('span', {}, el('span', {}, asSentence(words.meaning)), ' ', el('strong', {}, words.remedy));
}

function failuresView() {
  const rows = failureRows();
  if (rows.length === 0) return null;
  return section(
    'failures',
    'Why calls failed',
    table('Why calls failed', [
      { head: 'Calls', number: true, cell: (row) => row.calls },
      { head: term('cause'), name: true, cell: (row) => (row.lost ? 'aborted: ' : '') + wordsOf(row.cause) },
      { head: term('arm'), name: true, cell: (row) => armName(row.index) },
      { head: 'What it means, and what to do', cell: (row) => (data.causes[row.cause] ? explained(data.causes[row.cause]) : null) },
      { head: 'What was seen', cell: (row) => el('span', { class: 'faint' }, row.evidence) },
    ], rows),
  );
}

function faultsView() {
  const { app_faults: faults, session_errors: refusals } = summary.total;
  const seen = Object.entries(faults ?? {});
  const words = Object.entries(refusals ?? {});
  if (seen.length === 0 && words.length === 0) return null;
  return section(
    'faults',
    term('fault', 'What the app did wrong'),
    seen.length > 0 ? table('Faults of the app', [
      { head: 'Calls', number: true, cell: ([, fault]) => fault.calls },
      { head: 'Fault', name: true, cell: ([word]) => wordsOf(word) },
      { head: 'What it means, and what to do', cell: ([word]) => explained(data.faults[word]) },
      { head: 'For example', cell: ([, fault]) => el('span', { class: 'faint' }, fault.example) },
    ], seen) : null,
    words.length > 0 ? el('p', {}, `Refused by the signaling server, in ${countText(summary.total.calls_with_session_errors, 'call')}: ${words.map(([word, n]) => `${n} × ${word}`).join(', ')}.`) : null,
  );
}
