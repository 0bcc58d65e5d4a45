// What was asked of the run, and whether it holds.

function evidenceText(threshold, evidence) {
  if (!evidence.ci95) return '-';
  return evidence.is_rate ? rateIntervalText(evidence.ci95) : timeIntervalText(evidence.ci95);
}

function thresholdsView() {
  if (summary.thresholds.length === 0) return null;
  const rows = summary.thresholds.map((threshold, index) => ({ threshold, evidence: data.thresholds[index] }));
  const holds = ({ threshold }) =>
    el('span', { class: threshold.holds ? 'good' : 'bad' }, threshold.holds ? 'holds' : 'does not hold');
  const doubt = ({ evidence }) => (evidence.is_proved ? null : el('span', { class: 'open' }, 'too few calls to be sure'));
  return section(
    'thresholds',
    'Thresholds',
    table('Thresholds', [
      { head: 'Measure', name: true, cell: ({ threshold }) => threshold.measure.replace(/\{.*/, '') },
      { head: term('arm'), name: true, cell: ({ threshold }) => threshold.turn ?? 'all' },
      { head: '', name: true, cell: holds },
      { head: 'Wanted', name: true, cell: ({ threshold }) => el('code', {}, threshold.expression) },
      { head: 'Observed', number: true, cell: ({ threshold }) => threshold.observed_text },
      { head: term('interval'), number: true, cell: ({ threshold, evidence }) => evidenceText(threshold, evidence) },
      { head: 'n', number: true, cell: ({ evidence }) => evidence.n },
      { head: '', name: true, cell: (row) => doubt(row) ?? '' },
    ], rows),
  );
}
