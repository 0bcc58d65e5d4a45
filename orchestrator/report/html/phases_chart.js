// Where the time goes: the mean connect time of each arm, split into phases.

const kPhases = ['signaling', 'negotiation', 'ice', 'dtls'];
const kPhaseRow = 24;

function phaseRows() {
  return summary.cells
    .map((cell, index) => {
      let from = 0;
      const parts = kPhases.map((phase) => {
        const ms = cell.phases_ms[phase].mean ?? 0;
        return { phase, ms, from, to: (from += ms) };
      });
      return { index, turn: cell.turn, parts, total: from, n: cell.phases_ms.ice.n };
    })
    .filter((row) => row.n > 0);
}

function phaseKey(phases) {
  return el('div', { class: 'key' }, phases.map((phase) => el('span', {}, el('span', { class: `swatch phase-${phase}`, 'aria-hidden': 'true' }), phase in kDefinitions ? term(phase) : phase)));
}

function drawPhases(box, width, rows) {
  const left = Math.min(150, width * 0.32);
  const x = d3.scale.linear().domain([0, d3.max(rows, (row) => row.total)]).range([0, width - left - 64]);
  const label = rows.map((row) => `${row.turn}: ${row.parts.map((p) => `${p.phase} ${msText(p.ms)}`).join(', ')}`).join('; ');
  const svg = picture(box, width, rows.length * kPhaseRow, `Mean time in each phase. ${label}.`);
  const row = svg.selectAll('g').data(rows).enter().append('g').attr('transform', (_, i) => `translate(0,${i * kPhaseRow})`);
  row.append('text').attr({ x: left - 8, y: 16, 'text-anchor': 'end' }).text((d) => (d.turn.length > left / 7 ? `${d.turn.slice(0, left / 7 - 1)}…` : d.turn));
  row.selectAll('rect').data((d) => d.parts).enter().append('rect')
    .attr({ x: (p) => left + x(p.from), y: 4, height: kPhaseRow - 8, width: (p) => Math.max(0, x(p.ms)), class: (p) => `phase-${p.phase}` })
    .append('title').text((p) => `${p.phase} ${msText(p.ms)}`);
  row.append('text').attr({ x: (d) => left + x(d.total) + 6, y: 16 }).text((d) => msText(d.total));
}

function phasesView() {
  const rows = phaseRows();
  if (rows.length === 0) return null;
  return section(
    'phases',
    term('phases', 'Where the time goes'),
    phaseKey(kPhases),
    chart((box, width) => drawPhases(box, width, rows), { id: 'phases-chart' }),
    el('p', { class: 'faint small' }, 'Means of connected calls.'),
  );
}
