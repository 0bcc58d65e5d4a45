// One call over time, as a browser shows the loading of a page: a lane per bot and per end of each
// connection, bars for phases, marks for moments, and below them every event as text.

const kLaneHeight = 20;
const kAxisHeight = 26;

const kCourseWords = { up: 'connected', outage: 'outage: no media came', away: 'away, in a step' };

function eventWho(event) {
  return event.peer < 0 ? `bot ${event.bot}` : `bot ${event.bot} to ${event.peer}`;
}

function drawWaterfall(box, width, call, end) {
  const lanes = lanesOf(call).filter((lane) => lane.bars.concat(lane.marks).some((at) => (at.from ?? at.ms) < end));
  const left = Math.min(110, width * 0.26);
  const x = d3.scale.linear().domain([0, end]).range([0, width - left - 10]).clamp(true);
  const height = lanes.length * kLaneHeight + kAxisHeight;
  const svg = picture(box, width, height, `Course of call ${call.call}: ${outcomeText(call)}. All events are in the table below.`).classed('waterfall', true);
  const plot = svg.append('g').attr('transform', `translate(${left},0)`);
  plot.append('g').attr({ class: 'axis', transform: `translate(0,${lanes.length * kLaneHeight})` })
    .call(d3.svg.axis().scale(x).ticks(width < 500 ? 4 : 8).tickFormat((ms) => (end < 5000 ? `${ms} ms` : `${ms / 1000} s`)).tickSize(-lanes.length * kLaneHeight, 0).tickPadding(6));
  const row = plot.selectAll('g.row').data(lanes).enter().append('g').attr('class', 'row').attr('transform', (_, i) => `translate(0,${i * kLaneHeight})`);
  row.append('text').attr({ x: -8, y: 14, 'text-anchor': 'end' }).text((lane) => lane.name);
  row.selectAll('rect').data((lane) => lane.bars.filter((bar) => bar.from < end)).enter().append('rect')
    .attr({ x: (bar) => x(bar.from), width: (bar) => Math.max(1, x(bar.to) - x(bar.from)), class: (bar) => (bar.phase in kCourseWords ? bar.phase : `phase-${bar.phase}`) })
    .attr('y', (bar) => (bar.phase === 'up' ? 8 : 4)).attr('height', (bar) => (bar.phase === 'up' ? 4 : 12))
    .append('title').text((bar) => `${kCourseWords[bar.phase] ?? bar.phase} ${msText(bar.to - bar.from)}`);
  row.selectAll('line.mark').data((lane) => lane.marks.filter((mark) => mark.ms <= end)).enter().append('line')
    .attr({ x1: (mark) => x(mark.ms), x2: (mark) => x(mark.ms), y1: (mark) => (mark.look ? 1 : 13), y2: 19, class: (mark) => `mark ${mark.look}` })
    .append('title').text((mark) => `${msText(mark.ms)} ${wordsOf(mark.kind)} ${mark.text}`);
}

function eventTable(call) {
  return table(`Events of call ${call.call}`, [
    { head: 'After', number: true, cell: (event) => `${event.ms.toFixed(1)} ms` },
    { head: 'Who', name: true, cell: eventWho },
    { head: 'What', name: true, cell: (event) => el('span', { class: kMarkLook[event.kind] === 'bad' ? 'bad' : null }, wordsOf(event.kind)) },
    { head: '', cell: (event) => event.text },
  ], call.events.map(readEvent));
}

function waterfallKey() {
  const swatch = (look, word) => el('span', {}, el('span', { class: `swatch ${look}`, 'aria-hidden': 'true' }), word);
  return el('div', { class: 'key waterfall' }, [...kPhases, 'media'].map((phase) => swatch(`phase-${phase}`, phase)),
    Object.entries(kCourseWords).map(([look, word]) => swatch(look, word)), el('span', { class: 'faint' }, 'ticks: candidates, states, server results; red: something went wrong'));
}

// All that is known of one call, for another program or a bug report.
function saveCall(call) {
  const { run } = summary;
  const whole = { scenario: run.scenario, run: run.id, ...call, arm: data.arms[call.arm].turn, events: call.events.map(readEvent) };
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(whole, null, 2)}\n`], { type: 'application/json' }));
  el('a', { href: url, download: `${run.id}-call-${call.call}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function waterfall(call) {
  const whole = Math.max(1, call.events.at(-1)?.[0] ?? 1);
  const isTold = hasOutage(call); // what it is about comes after the setup
  let end = isTold ? whole : Math.min(whole, setupEnd(call));
  const box = chart((at, width) => drawWaterfall(at, width, call, end));
  const zoom = el('button', { type: 'button', 'aria-pressed': `${isTold}` }, 'Whole call');
  zoom.addEventListener('click', () => {
    const isWhole = zoom.getAttribute('aria-pressed') === 'false';
    zoom.setAttribute('aria-pressed', isWhole);
    end = isWhole ? whole : Math.min(whole, setupEnd(call));
    drawWaterfall(box, box.clientWidth, call, end);
  });
  const events = el('details', { class: 'events' }, el('summary', {}, `All ${call.events.length} events`));
  events.addEventListener('toggle', () => events.open && events.children.length === 1 && events.append(eventTable(call)));
  const save = el('button', { type: 'button', onclick: () => saveCall(call) }, 'Save as JSON');
  return el('div', {}, waterfallKey(), box, el('div', { class: 'filters' }, zoom, save), events);
}
