// How success and connect time went over the course of the run, arm by arm: did it begin to fail at some
// moment, or get slower the longer it ran? For the page of a report and of a run that goes on.

const kCourseLeft = 62;
const kCourseHeight = 112; // of a panel
const kCourseGap = 14;

// What is drawn in each panel, of one span [begin_ms, finished, succeeded, p50_ms] of an arm.
const kCoursePanels = [
  { name: 'success', value: ([, finished, succeeded]) => (finished > 0 ? succeeded / finished : null), text: percentText, least: 1 },
  { name: 'connect p50', value: ([, , , p50]) => p50, text: msText, least: 0 },
];

function svgPart(tag, attributes, ...children) {
  const part = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) part.setAttribute(name, value);
  part.append(...children.flat(Infinity));
  return part;
}

// About `most` round numbers from 0 to `end`.
function roundTicks(end, most) {
  const raw = end / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw);
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
}

function coursePanel(panel, names, course, x, width) {
  const arms = course.arms.map((spans) => spans.map((span) => ({ at: span[0], n: span[1], y: panel.value(span) })).filter((point) => point.y !== null));
  const most = Math.max(panel.least, ...arms.flat().map((point) => point.y * 1.1), 1e-9);
  const end = panel.least || most;
  const y = (value) => kCourseHeight - (value / end) * (kCourseHeight - 8);
  const grid = roundTicks(end, 4).map((tick) => [
    svgPart('line', { x1: kCourseLeft, x2: width, y1: y(tick), y2: y(tick) }),
    svgPart('text', { x: kCourseLeft - 8, y: y(tick) + 4, 'text-anchor': 'end' }, tick === 0 ? '0' : panel.text(tick)),
  ]);
  const lines = arms.map((points, index) => {
    const middle = (point) => x(point.at + course.span_ms / 2);
    const title = (point) => `${names[index]}, ${panel.name} ${panel.text(point.y)} of ${countText(point.n, 'call')}, ${trimmed(point.at / 1000)} to ${trimmed((point.at + course.span_ms) / 1000)} s`;
    return svgPart('g', { class: `course ${armClass(index)}` },
      svgPart('polyline', { class: 'curve', 'stroke-dasharray': armDash(index), points: points.map((point) => `${middle(point)},${y(point.y)}`).join(' ') }),
      points.map((point) => svgPart('circle', { cx: middle(point), cy: y(point.y), r: 3 }, svgPart('title', {}, title(point)))));
  });
  return [svgPart('g', { class: 'axis' }, grid), lines];
}

function drawCourse(box, width, names, course) {
  const inner = width - kCourseLeft - 12;
  const length = course.span_ms * course.spans;
  const x = (ms) => kCourseLeft + (ms / length) * inner;
  const bottom = kCoursePanels.length * (kCourseHeight + kCourseGap);
  const ticks = roundTicks(length, width < 500 ? 4 : 8).map((ms) => svgPart('text', { x: x(ms), y: bottom + 10, 'text-anchor': 'middle' }, `${trimmed(ms / 1000)} s`));
  box.replaceChildren(svgPart('svg', { width, height: bottom + 18, role: 'img', 'aria-label': 'Success rate and median connect time of each arm over the course of the run.' },
    kCoursePanels.map((panel, i) => svgPart('g', { transform: `translate(0,${i * (kCourseHeight + kCourseGap)})` }, coursePanel(panel, names, course, x, width - 12))),
    svgPart('g', { class: 'axis' }, ticks)));
}

// names: of the arms. null: so few calls have no course.
function courseView(title, names, course) {
  if (course.spans < 3) return null;
  const key = names.map((name, index) => el('span', {}, el('span', { class: `swatch arm ${armClass(index)}`, 'aria-hidden': 'true' }), name));
  return section('course', title, el('div', { class: 'key' }, key),
    chart((box, width) => drawCourse(box, width, names, course), { id: 'course-chart' }),
    el('p', { class: 'faint small' }, 'Above: share of finished calls that succeeded. Below: median time to connect. By scheduled start.'));
}
