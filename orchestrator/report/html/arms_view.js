// Success and time to connect, arm by arm, with how sure each is.

// The interval as a line, the observed rate as a dot, on a scale from 0 to 100 %.
function intervalMark(cell) {
  const width = 120;
  const x = d3.scale.linear().domain([0, 1]).range([4, width - 4]);
  const svg = d3.select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'));
  svg.attr({ width, height: 14, class: 'interval', 'aria-hidden': 'true' });
  const line = (low, high, look) => svg.append('line').attr({ x1: x(low), x2: x(high), y1: 7, y2: 7, class: look });
  line(0, 1, 'frame');
  if (cell.success_rate !== null) {
    line(...cell.success_rate_ci95, 'sure');
    svg.append('circle').attr({ cx: x(cell.success_rate), cy: 7, r: 3.5 });
  }
  return svg.node();
}

const isToFail = (cell) => cell.expect === 'failure';

function pathText(paths) {
  const links = d3.sum(Object.values(paths));
  const [first, second] = Object.entries(paths).sort((a, b) => b[1] - a[1]);
  if (!first) return '-';
  return second ? `${first[0]} ${first[1]}/${links}` : first[0];
}

// The value and, in small type, its interval.
function timeWithInterval(value, arm, interval) {
  const text = timeIntervalText(interval);
  return el('span', {}, reachedText(value, arm.watched_ms), text === '-' ? null : el('span', { class: 'faint small' }, ` ${text}`));
}

function keptText({ cell: { fates: { kept, degraded, dropped } } }) {
  const all = kept + degraded + dropped;
  return all === 0 ? '-' : el('span', { class: kept < all ? 'bad' : null }, `${kept} of ${all}`);
}

// The worst that media met, of all calls.
function mediaTroubleText() {
  const { fates, worst_trouble: worst } = summary.total;
  const parts = [[fates.degraded, 'degraded'], [fates.dropped, 'dropped']].filter(([calls]) => calls > 0).map(([calls, word]) => `${calls} ${word}`);
  return parts.length === 0 ? null : `Media of connected calls: ${parts.join(', ')}${worst ? `; worst: call ${worst.call}, ${worst.what}` : ''}.`;
}

function armsView() {
  const rows = summary.cells.map((cell, index) => ({ cell, index, arm: data.arms[index] }));
  const sure = ({ cell }) => (cell.success_rate === null ? '-' : rateIntervalText(cell.success_rate_ci95));
  const time = (percentile) => ({ cell, arm }) =>
    cell.connect_time_ms.n === 0 ? '-' : timeWithInterval(cell.connect_time_ms[percentile], arm, arm[`${percentile}_ci95`]);
  const lost = summary.total.aborted + summary.total.not_started;
  return section(
    'arms',
    'Success and time to connect',
    table('Success and time to connect, per arm', [
      { head: term('arm'), name: true, cell: ({ cell, index }) => el('span', {}, armName(index), isToFail(cell) ? el('span', { class: 'faint small' }, ' meant to fail') : null) },
      { head: term('ok'), number: true, cell: ({ cell }) => `${cell.succeeded} of ${cell.succeeded + cell.failed}` },
      { head: term('rate', 'Rate'), number: true, cell: ({ cell }) => percentText(cell.success_rate) },
      { head: '', number: true, cell: ({ cell }) => intervalMark(cell) },
      { head: term('interval'), number: true, cell: sure },
      { head: term('p50', 'p50 and interval'), name: true, cell: time('p50') },
      { head: term('p95', 'p95 and interval'), name: true, cell: time('p95') },
      ...(summary.total.first_media_ms
        ? [{ head: term('media', 'Media p50'), number: true, cell: ({ cell }) => msText(cell.first_media_ms.p50) },
          { head: term('kept', 'Kept'), number: true, cell: keptText }]
        : []),
      { head: term('path', 'Path'), name: true, cell: ({ cell }) => pathText(cell.paths) },
    ], rows),
    mediaTroubleText() === null ? null : el('p', { class: 'bad' }, mediaTroubleText()),
    lost > 0 ? el('p', { class: 'open' }, `Left out, because turnout lost them: ${countText(lost, 'call')}.`) : null,
  );
}
