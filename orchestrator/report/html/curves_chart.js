// Which share of calls was connected by when, arm by arm: one minus Kaplan-Meier, as steps.

const kCurveMargin = { top: 8, right: 12, bottom: 34, left: 46 };
const kCurveHeight = 280;
const kReadoutHint = 'Point at the chart to read it. A button hides its arm; while it has the pointer or the focus, the 95 % band of the arm shows.';

// [ms, connected, low, high] from the start to where watching ended.
function risingPoints(arm, end) {
  const points = arm.curve.map(([ms, notYet, low, high]) => [ms, 1 - notYet, 1 - high, 1 - low]);
  const last = points.at(-1) ?? [end, 0, 0, 0];
  return [[1e-3, 0, 0, 0], ...points, [Math.max(end, last[0]), ...last.slice(1)]];
}

function connectedBy(arm, ms) {
  const before = d3.bisector((point) => point[0]).right(arm.curve, ms);
  return before === 0 ? 0 : 1 - arm.curve[before - 1][1];
}

// Some calls take a hundred times as long as others, so time is on a log scale.
function timeDomain() {
  const times = data.arms.flatMap((arm) => arm.curve.map((point) => point[0]));
  const longest = Math.max(...times, 1);
  const failed = summary.total.failed > 0;
  return [Math.max(1, Math.min(...times, longest) * 0.8), failed ? Math.max(data.connect_deadline_ms, longest) : longest * 1.3];
}

// 1, 2, 5, 10, ...; where the times span less than that has to show, evenly spaced.
function timeTicks([from, to], most) {
  const all = d3.range(0, 7).flatMap((decade) => [1, 2, 5].map((n) => n * 10 ** decade)).filter((ms) => ms >= from && ms <= to);
  if (all.length < 3) return d3.scale.linear().domain([from, to]).ticks(most);
  const step = Math.ceil(all.length / most);
  return all.filter((_, i) => i % step === 0);
}

class CurvesChart {
  constructor() {
    this.shown = new Set(data.arms.keys());
    this.domain = timeDomain();
    this.readouts = [];
    this.legend = el('div', { class: 'legend', role: 'group', 'aria-label': 'Arms shown in the chart' }, data.arms.map((arm, i) => this.button_(arm, i)));
    this.readout = el('p', { class: 'faint small' }, kReadoutHint);
    this.box = chart((box, width) => this.draw(box, width), { id: 'curves-chart' });
  }

  button_(arm, index) {
    const line = el('span', { class: `swatch arm ${armClass(index)}`, 'aria-hidden': 'true' });
    const value = el('span', { class: 'faint' });
    this.readouts[index] = value;
    const emphasise = (on) => () => this.emphasise_(on ? index : null);
    return el(
      'button',
      {
        type: 'button',
        'aria-pressed': 'true',
        onclick: (event) => this.toggle_(index, event.currentTarget),
        onmouseenter: emphasise(true),
        onfocus: emphasise(true),
        onmouseleave: emphasise(false),
        onblur: emphasise(false),
      },
      line,
      arm.turn,
      value,
    );
  }

  toggle_(index, button) {
    if (!this.shown.delete(index)) this.shown.add(index);
    button.setAttribute('aria-pressed', this.shown.has(index));
    this.draw(this.box, this.box.clientWidth);
  }

  emphasise_(index) {
    d3.select(this.box).selectAll('.band').attr('display', (d) => (d.index === index || data.arms.length <= 2 ? null : 'none'));
    d3.select(this.box).selectAll('.curve').style('opacity', (d) => (index === null || d.index === index ? 1 : 0.25));
  }

  draw(box, width) {
    const inner = { width: width - kCurveMargin.left - kCurveMargin.right, height: kCurveHeight - kCurveMargin.top - kCurveMargin.bottom };
    this.x = d3.scale.log().domain(this.domain).range([0, inner.width]).clamp(true);
    const y = d3.scale.linear().range([inner.height, 0]);
    const svg = picture(box, width, kCurveHeight, this.label_());
    const plot = svg.append('g').attr('transform', `translate(${kCurveMargin.left},${kCurveMargin.top})`);
    this.axes_(plot, y, inner);
    const arms = [...this.shown].sort((a, b) => a - b).map((index) => ({ index, points: risingPoints(data.arms[index], this.domain[1]) }));
    const line = d3.svg.line().interpolate('step-after').x((p) => this.x(p[0])).y((p) => y(p[1]));
    const area = d3.svg.area().interpolate('step-after').x((p) => this.x(p[0])).y0((p) => y(p[2])).y1((p) => y(p[3]));
    plot.selectAll('.band').data(arms).enter().append('path').attr('class', (d) => `band ${armClass(d.index)}`).attr('d', (d) => area(d.points));
    plot.selectAll('.curve').data(arms).enter().append('path').attr('class', (d) => `curve ${armClass(d.index)}`)
      .attr('stroke-dasharray', (d) => armDash(d.index)).attr('d', (d) => line(d.points));
    this.emphasise_(null);
    this.cursor_(svg, plot, inner);
  }

  axes_(plot, y, inner) {
    const ticks = inner.width < 420 ? 4 : 8;
    const values = timeTicks(this.domain, ticks);
    plot.append('g').attr({ class: 'axis', transform: `translate(0,${inner.height})` })
      .call(d3.svg.axis().scale(this.x).tickValues(values).tickFormat((ms) => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`)).tickSize(-inner.height, 0).tickPadding(8));
    plot.append('g').attr('class', 'axis')
      .call(d3.svg.axis().scale(y).orient('left').ticks(5).tickFormat((share) => `${Math.round(share * 100)} %`).tickSize(-inner.width, 0).tickPadding(6));
    const deadline = data.connect_deadline_ms;
    if (deadline <= this.domain[1])
      plot.append('line').attr({ class: 'limit', x1: this.x(deadline), x2: this.x(deadline), y1: 0, y2: inner.height });
  }

  cursor_(svg, plot, inner) {
    const cursor = plot.append('line').attr({ class: 'cursor', y1: 0, y2: inner.height, display: 'none' });
    svg.on('pointermove', () => {
      const at = Math.min(inner.width, Math.max(0, d3.mouse(plot.node())[0]));
      cursor.attr({ x1: at, x2: at, display: null });
      this.read_(this.x.invert(at));
    }).on('pointerleave', () => {
      cursor.attr('display', 'none');
      this.read_(null);
    });
  }

  read_(ms) {
    this.readouts.forEach((value, index) => {
      value.textContent = ms === null ? '' : percentText(connectedBy(data.arms[index], ms));
    });
    this.readout.textContent = ms === null ? kReadoutHint : `Connected ${msText(ms)} after the scheduled start.`;
  }

  label_() {
    const arms = summary.cells.map((cell) => `${cell.turn}: half by ${reachedText(cell.connect_time_ms.p50, cell.connect_time_ms.horizon)}`);
    return `Share of calls connected by a time, per arm. ${arms.join('; ')}.`;
  }
}

function curvesView() {
  if (data.arms.every((arm) => arm.curve.length === 0)) return null;
  const curves = new CurvesChart();
  return section('curves', term('curve', 'Calls connected by a time'), curves.legend, curves.box, curves.readout);
}
