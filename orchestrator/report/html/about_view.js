// What was run, with what, and how to run it again.

// As a word of a shell's command line.
function shellWord(word) {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function aboutView() {
  const { run } = summary;
  const command = `turnout run scenario.json --seed ${data.seed} --profile ${shellWord(run.profile)}`;
  const facts = [
    ['Run', run.id],
    ['Scenario', run.scenario],
    ['Seed', data.seed],
    ['Profile', run.profile],
    ['Started', run.wall_clock],
    ['Length', msText(run.length_ms)],
    ['Ended', run.finish_reason || 'its log has no end'],
    ...Object.entries(run.versions).map(([name, version]) => [name, String(version)]),
  ];
  return section(
    'about',
    'About this run',
    data.description ? el('p', {}, data.description) : null,
    el('p', {}, 'Again, with the same plan, from the directory of the run: ', el('code', {}, command)),
    table('Facts of the run', [
      { head: 'What', name: true, cell: ([name]) => name },
      { head: '', cell: ([, value]) => value },
    ], facts),
  );
}

function definitionsView() {
  return section('definitions', 'What the figures mean', definitionList());
}
