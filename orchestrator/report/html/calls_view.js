// Call by call: a list to filter and sort, each with its waterfall. A call is drawn when it is opened,
// and rows are added a page at a time, so that a thousand calls open as fast as ten.

const kCallsAPage = 50;

const kOutcomeLook = { succeeded: 'good', dropped: 'open', failed: 'bad', aborted: 'open' };

function outcomeText(call) {
  if (call.diagnosis) return `${call.state}, ${wordsOf(call.diagnosis)}`;
  return `${call.state}, connected after ${msText(call.connect_ms)}`;
}

function isTroubled(call) {
  return call.state !== 'succeeded' || call.faults !== undefined || call.trouble !== undefined;
}

// The phases of a call on one scale for all calls, as wide as the slowest 5 % allow.
function miniBar(call) {
  const width = 200;
  const all = data.calls.shown.map((c) => c.connect_ms).filter((ms) => ms !== null).sort(d3.ascending);
  miniBar.scale ??= d3.scale.linear().domain([0, d3.quantile(all, 0.95) ?? 1]).range([0, width]).clamp(true);
  const svg = d3.select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'));
  svg.attr({ viewBox: `0 0 ${width} 10`, width: '100%', height: 10, preserveAspectRatio: 'none', class: 'mini', 'aria-hidden': 'true' });
  let from = 0;
  (call.phases_ms ?? []).forEach((ms, i) => {
    svg.append('rect').attr({ x: miniBar.scale(from), width: miniBar.scale(from + ms) - miniBar.scale(from), height: 10, class: `phase-${kPhases[i]}` });
    from += ms;
  });
  return svg.node();
}

function whyText(call) {
  if (call.diagnosis) return `${wordsOf(call.diagnosis)}${call.evidence ? `: ${call.evidence}` : ''}`;
  return [...(call.trouble ? [call.trouble] : []), ...(call.faults ?? []).map(wordsOf)].join(', ');
}

function callRow(call) {
  const row = el(
    'details',
    { class: 'call' },
    el(
      'summary',
      {},
      el('span', { class: 'faint' }, `#${call.call}`),
      armName(call.arm),
      el('span', { class: kOutcomeLook[call.state] }, call.state),
      el('span', { class: 'number' }, msText(call.connect_ms)),
      miniBar(call),
      el('span', { class: 'faint small why' }, whyText(call)),
    ),
  );
  row.addEventListener('toggle', () => row.open && row.children.length === 1 && row.append(waterfall(call)));
  return row;
}

const kOrders = {
  plan: ['by start', (a, b) => a.call - b.call],
  slow: ['slowest first', (a, b) => (b.connect_ms ?? Infinity) - (a.connect_ms ?? Infinity) || a.call - b.call],
};

function shownText() {
  const { started, troubled, troubled_shown, shown } = data.calls;
  if (shown.length === started) return `All ${countText(started, 'call')}.`;
  const of_troubled = troubled_shown === troubled ? `All ${troubled} calls with trouble` : `A sample of ${troubled_shown} of the ${troubled} calls with trouble`;
  return `${of_troubled}, and a sample of ${shown.length - troubled_shown} of the ${started - troubled} others, drawn with the seed of the run.`;
}

class CallsView {
  constructor() {
    const option = ([value, text]) => el('option', { value }, text);
    const change = { onchange: () => this.show_() };
    this.arm = el('select', change, option(['', 'all']), data.arms.map((arm, i) => option([i, arm.turn])));
    this.order = el('select', change, Object.entries(kOrders).map(([word, [text]]) => option([word, text])));
    this.troubled = el('input', { type: 'checkbox', ...change });
    this.troubled.checked = data.calls.troubled_shown > 0;
    this.count = el('span', { class: 'faint', 'aria-live': 'polite' });
    this.list = el('div', { id: 'calls-list' });
    this.more = el('button', { type: 'button', onclick: () => this.page_() }, 'More');
    this.show_();
  }

  show_() {
    const arm = this.arm.value;
    this.calls = data.calls.shown
      .filter((call) => (arm === '' || call.arm === Number(arm)) && (!this.troubled.checked || isTroubled(call)))
      .sort(kOrders[this.order.value][1]);
    this.list.replaceChildren();
    this.count.textContent = countText(this.calls.length, 'call');
    this.page_();
  }

  page_() {
    const from = this.list.children.length;
    this.list.append(...this.calls.slice(from, from + kCallsAPage).map(callRow));
    const left = this.calls.length - this.list.children.length;
    this.more.hidden = left <= 0;
    this.more.textContent = `${Math.min(left, kCallsAPage)} more`;
  }

  filters() {
    return el(
      'div',
      { class: 'filters' },
      el('label', {}, 'Arm', this.arm),
      el('label', {}, 'Order', this.order),
      el('label', {}, this.troubled, 'only calls with trouble'),
      this.count,
    );
  }
}

function callsView() {
  if (data.calls.shown.length === 0) return null;
  const view = new CallsView();
  return section('calls', 'Call by call', el('p', { class: 'faint' }, `${shownText()} Open one for its course.`), phaseKey(kPhases), view.filters(), view.list, view.more);
}
