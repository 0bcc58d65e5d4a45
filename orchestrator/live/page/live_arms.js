// Each arm: how far it is, how often and how fast its calls connect, and how sure that is.

// Shares of one bar: [[class, count], ...] of `all`.
function progressBar(parts, all, label) {
  const bar = el('div', { class: 'progress', role: 'img', 'aria-label': label });
  for (const [look, count] of parts) {
    const part = el('span', { class: look });
    part.style.width = `${(100 * count) / Math.max(1, all)}%`;
    bar.append(part);
  }
  return bar;
}

// The interval as a line, the observed rate as a dot, on a scale from 0 to 100 %.
function rateMark({ success_rate: rate, success_rate_ci95: [low, high] }) {
  const sure = el('span', { class: 'sure' });
  sure.style.left = `${100 * low}%`;
  sure.style.width = `${100 * (high - low)}%`;
  const dot = rate === null ? null : el('span', { class: 'dot' });
  if (dot) dot.style.left = `${100 * rate}%`;
  return el('span', { class: 'span', 'aria-hidden': 'true' }, el('span', { class: 'frame' }), sure, dot);
}

function liveTime(arm, percentile) {
  if (arm.succeeded + arm.failed + arm.running === 0) return '-';
  const text = timeIntervalText(arm[percentile].ci95);
  return el('span', {}, reachedText(arm[percentile].ms, arm.watched_ms), text === '-' ? null : el('span', { class: 'faint small' }, ` ${text}`));
}

function liveArms({ arms }) {
  return section(
    'arms',
    'Success and time to connect, so far',
    table('Success and time to connect, per arm, so far', [
      { head: 'Arm', name: true, cell: (arm) => arm.turn },
      { head: 'Rate', number: true, cell: (arm) => percentText(arm.success_rate) },
      { head: '95 % interval', number: true, cell: (arm) => (arm.success_rate === null ? '-' : rateIntervalText(arm.success_rate_ci95)) },
      { head: '', number: true, cell: rateMark },
      { head: 'Succeeded', number: true, cell: (arm) => arm.succeeded },
      { head: 'Failed', number: true, cell: (arm) => el('span', { class: arm.failed > 0 ? 'bad' : null }, arm.failed) },
      { head: 'Going on', number: true, cell: (arm) => arm.running },
      { head: 'Started', number: true, cell: (arm) => `${arm.started} of ${arm.planned}` },
      { head: 'p50 and interval', name: true, cell: (arm) => liveTime(arm, 'p50') },
      { head: 'p95 and interval', name: true, cell: (arm) => liveTime(arm, 'p95') },
    ], arms),
  );
}
