// What was asked of the run, and whether it holds, does not, or stays open.

const kResultLook = {
  pass: ['good', 'holds'],
  fail: ['bad', 'does not hold'],
  inconclusive: ['open', 'open'],
};

function thresholdIntervalText({ interval, unit }) {
  if (!interval) return '-';
  return unit === 'share' ? rateIntervalText(interval) : timeIntervalText(interval);
}

function resultOf(threshold) {
  const [look, word] = kResultLook[threshold.result];
  return el('span', { class: look }, word);
}

// What decided, where it is not the interval; and what it would take where nothing could.
function remarkOn(threshold) {
  if (threshold.calls_needed) return `${countText(threshold.calls_needed, 'call')} like these would decide`;
  if (threshold.result === 'inconclusive') return threshold.n === 0 ? 'no data' : 'too few calls';
  return { each_call: 'of the calls that were made', estimate: 'by what was observed', interval: '' }[threshold.judged_by];
}

function thresholdsView() {
  if (summary.thresholds.length === 0) return null;
  return section(
    'thresholds',
    'Thresholds',
    table('Thresholds', [
      { head: 'Measure', name: true, cell: (threshold) => threshold.measure.replace(/\{.*/, '') },
      { head: term('arm'), name: true, cell: (threshold) => threshold.turn ?? 'all' },
      { head: '', name: true, cell: resultOf },
      { head: 'Wanted', name: true, cell: (threshold) => el('code', {}, threshold.expression) },
      { head: 'Observed', number: true, cell: (threshold) => threshold.observed_text },
      { head: term('judged'), number: true, cell: thresholdIntervalText },
      { head: 'n', number: true, cell: (threshold) => threshold.n },
      { head: '', name: true, cell: remarkOn },
    ], summary.thresholds),
  );
}
