// First what everybody wants to know: did it hold, and in one sentence what happened.

const kRulingLook = {
  pass: ['good', 'PASS'],
  fail: ['bad', 'FAIL'],
  inconclusive: ['open', 'INCONCLUSIVE'],
};

function thresholdCount() {
  const all = summary.thresholds.length;
  if (all === 0) return 'no thresholds were set';
  const count = (result) => summary.thresholds.filter((t) => t.result === result).length;
  const open = count('inconclusive');
  return `${count('pass')} of ${countText(all, 'threshold')} ${all === 1 ? 'holds' : 'hold'}${open > 0 ? `, ${open} open` : ''}`;
}

function sentences(title, list) {
  if (list.length === 0) return null;
  return [el('h3', {}, title), el('ul', {}, list.map((sentence) => el('li', {}, asSentence(sentence))))];
}

function verdictView() {
  const { run, total } = summary;
  const [look, word] = kRulingLook[summary.verdict];
  return el(
    'header',
    {},
    el('h1', {}, `turnout · ${run.scenario} · ${countText(total.planned, 'call')} · ${run.wall_clock.replace('T', ' ').replace('Z', ' UTC')}`),
    el('p', { class: 'verdict' }, el('strong', { class: look }, word), el('span', {}, thresholdCount())),
    el('p', { class: 'sentence' }, summary.sentence),
    sentences(summary.verdict === 'inconclusive' ? 'Why there is no verdict' : 'Why', summary.reasons),
    sentences('Keep in mind', summary.notes),
  );
}
