// Draws what /events tells, once a second, until the run is over.

const kBotWords = { joining: 'joining', connecting: 'connecting', in_call: 'in a call', in_step: 'away, in a step', failed: 'failed', left: 'left' };
const kVerdictLook = { pass: 'good', fail: 'bad', inconclusive: 'open' };

const sum = (arms, key) => arms.reduce((all, arm) => all + arm[key], 0);
const seconds = (ms) => `${Math.round(ms / 1000)} s`;

function statusText({ phase, elapsed_ms: elapsed, left_ms: left, verdict }) {
  if (verdict) return `over after ${seconds(elapsed)}`;
  if (phase === 'starting') return 'starting servers and bots';
  return `${seconds(elapsed)}, ${left > 0 ? `about ${seconds(left)} left` : 'the last calls end'}`;
}

function head(state) {
  const { arms, verdict } = state;
  const [planned, succeeded, failed, aborted, running] = ['planned', 'succeeded', 'failed', 'aborted', 'running'].map((key) => sum(arms, key));
  const told = `${succeeded + failed} of ${countText(planned, 'call')} finished, ${failed} failed, ${running} going on`;
  return el(
    'header',
    {},
    el('h1', {}, `turnout · ${state.scenario} · ${state.run}`),
    el('p', { class: 'verdict' },
      el('strong', { class: verdict ? kVerdictLook[verdict] : null }, verdict ? verdict.toUpperCase() : `${succeeded + failed} of ${planned}`),
      el('span', {}, statusText(state))),
    progressBar([['done', succeeded], ['broken', failed], ['lost', aborted], ['under-way', running]], planned, told),
    (state.reasons ?? []).map((reason) => el('p', {}, reason)),
    el('p', { class: verdict ? 'sentence' : 'faint' }, state.sentence ?? told + (aborted > 0 ? `, ${aborted} lost by turnout` : '')),
  );
}

function bots({ bots: counts }) {
  return section('bots', 'Bots',
    el('dl', { class: 'bots' }, Object.entries(kBotWords).map(([state, word]) => el('div', {}, el('dt', {}, word), el('dd', {}, counts[state])))));
}

function about({ description }) {
  return description ? [section('about', 'What this run is about', el('p', { class: 'faint' }, description))] : [];
}

// A table that was scrolled sideways stays so.
function draw(state) {
  const page = document.getElementById('live');
  const scrolled = [...page.querySelectorAll('.scroll')].map((box) => box.scrollLeft);
  const course = courseView('Over the course of the run', state.arms.map((arm) => arm.turn), state.course);
  const parts = [head(state), liveArms(state), liveThresholds(state), liveCauses(state), course, bots(state), liveFailures(state), ...about(state)];
  page.replaceChildren(...parts.filter((part) => part));
  page.querySelectorAll('.scroll').forEach((box, index) => { box.scrollLeft = scrolled[index] ?? 0; });
  document.title = `turnout ${state.scenario}: ${state.verdict ?? state.phase}`;
  document.documentElement.dataset.drawn = state.verdict ?? state.phase;
}

const events = new EventSource('events');
const lost = el('p', { class: 'bad', role: 'status' }, 'turnout does not answer any more: below is the last it told. The report is in the directory of the run, if it came that far.');
events.addEventListener('message', (event) => draw(JSON.parse(event.data)));
events.addEventListener('error', () => document.getElementById('live').prepend(lost)); // the next word takes it away
events.addEventListener('over', (event) => {
  events.close();
  draw(JSON.parse(event.data));
});
