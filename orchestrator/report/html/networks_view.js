// Calls between sites behind NATs and firewalls: a row for each pair of sites, a column for each arm.

const pathWords = { none: 'does not connect', direct: 'direct', relayed: 'relayed', either: 'direct or relayed' };

function gridCellText(cell) {
  const { connected, failed, direct, relayed } = cell;
  if (connected + failed === 0) return '-';
  const path = connected === 0 ? 'no' : relayed === 0 ? 'direct' : direct === 0 ? 'relayed' : `direct ${direct}, relayed ${relayed}`;
  const share = connected > 0 && failed > 0 ? `${connected} of ${connected + failed}, ` : '';
  const time = cell.connect_p50_ms === null ? '' : ` ${msText(cell.connect_p50_ms)}`;
  const surprise = cell.as_predicted === false ? `! predicted: ${pathWords[cell.predicted]}` : '';
  return `${share}${path}${time}${surprise && ` ${surprise}`}`;
}

function networksView() {
  const grid = summary.networks;
  if (!grid) return null;
  const rows = new Map();
  for (const cell of grid.cells) {
    const name = cell.sites.join(' - ');
    if (!rows.has(name)) rows.set(name, { name, by_arm: {} });
    rows.get(name).by_arm[cell.turn] = cell;
  }
  return section(
    'networks',
    'Networks',
    el('p', {}, `${grid.cells_as_predicted} of ${grid.cells_told} cells went as NATs, firewalls and servers predict, ${grid.cells_mixed} mixed. Each cell: the path, and the median time to connect.`),
    table('Path and time to connect, per pair of sites and arm', [
      { head: 'Sites', name: true, cell: (row) => row.name },
      ...data.arms.map((arm, index) => ({ head: armName(index), cell: (row) => gridCellText(row.by_arm[arm.turn]) })),
    ], [...rows.values()]),
    ...(grid.mix ? [
      el('p', {}, 'How often two people of the scenario\u2019s population connect:'),
      table('Success rate of the population, per arm', [
        { head: term('arm'), name: true, cell: (row) => armName(row.index) },
        { head: 'Connect', number: true, cell: ({ rate }) => (rate.success_rate === undefined ? '-' : percentText(rate.success_rate)) },
        { head: '95 % interval', cell: ({ rate }) => (rate.success_rate === undefined ? '-' : rate.success_rate_ci95.map(percentText).join(' to ')) },
        { head: 'Predicted', number: true, cell: ({ rate }) => (rate.success_rate === undefined ? '-' : percentText(rate.predicted)) },
      ], grid.mix.map((rate, index) => ({ rate, index }))),
    ] : []),
  );
}
