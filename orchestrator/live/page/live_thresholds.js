// What is asked of the run, and how it stands.

const kStanding = { pass: ['good', 'holds'], fail: ['bad', 'does not hold'], inconclusive: ['open', 'open'] };

function liveThresholds({ thresholds, verdict }) {
  if (thresholds.length === 0) return null;
  const title = verdict ? 'Thresholds' : 'Thresholds, so far';
  const standing = ({ result }) => el('span', { class: kStanding[result][0] }, kStanding[result][1]);
  return section('thresholds', title, table(title, [
    { head: '', name: true, cell: standing },
    { head: 'Threshold', cell: (threshold) => threshold.name },
    { head: 'Observed', number: true, cell: (threshold) => threshold.observed },
    { head: 'Interval', number: true, cell: (threshold) => threshold.interval || '-' },
    { head: 'n', number: true, cell: (threshold) => threshold.n },
  ], thresholds));
}
