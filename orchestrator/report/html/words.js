// Numbers as a person reads them; the same rules as on the screen (figures.cc).

function msText(ms) {
  if (ms === null || ms === undefined) return '-';
  if (ms >= 9999.5) return `${trimmed(ms / 1000)} s`;
  return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function trimmed(value) {
  return value.toFixed(1).replace(/\.0$/, '');
}

function percentDigits(share) {
  let tenths = Math.round(share * 1000);
  if (share > 0 && share < 1) tenths = Math.min(999, Math.max(1, tenths)); // only all is 100
  return trimmed(tenths / 10);
}

function percentText(share) {
  return share === null || share === undefined ? '-' : `${percentDigits(share)} %`;
}

function rateIntervalText([low, high]) {
  return `${percentDigits(low)}-${percentText(high)}`;
}

// An end that is not bounded is null, or 0.
function timeIntervalText(interval) {
  const [low, high] = [interval?.[0] || null, interval?.[1] ?? null];
  if (low === null) return high === null ? '-' : `≤ ${msText(high)}`;
  if (high === null) return `≥ ${msText(low)}`;
  const [from, to] = [msText(low), msText(high)];
  const same_unit = from.split(' ')[1] === to.split(' ')[1];
  return `${same_unit ? from.split(' ')[0] : from}-${to}`;
}

function bytesText(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; bytes >= 999.5 && unit + 1 < units.length; unit++) bytes /= 1000;
  return `${bytes.toFixed(unit > 0 && bytes < 99.95 ? 1 : 0)} ${units[unit]}`;
}

function countText(n, thing) {
  return `${n} ${thing}${n === 1 ? '' : 's'}`;
}

// Of a waiting time: what was not reached lies beyond what was watched.
function reachedText(ms, watched_ms) {
  return ms === null ? `> ${msText(watched_ms)}` : msText(ms);
}

function asSentence(text) {
  const dot = /[.?!]$/.test(text) ? '' : '.';
  return text.charAt(0).toUpperCase() + text.slice(1) + dot;
}

function wordsOf(word) {
  return word.replaceAll('_', ' ');
}

const kDashes = [null, '7 3', '2 3', '9 3 2 3']; // arms beyond the eighth differ by these

function armClass(arm) {
  return `arm-${arm % 8}`;
}

function armDash(arm) {
  return kDashes[Math.floor(arm / 8) % kDashes.length] ?? undefined;
}

function armName(arm) {
  return el('span', {}, el('span', { class: `swatch arm ${armClass(arm)}`, 'aria-hidden': 'true' }), data.arms[arm].turn);
}
