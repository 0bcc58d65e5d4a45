// What each STUN and TURN server answered.

function serverErrors(server) {
  if (server.errors.length === 0) return '-';
  return el('span', { class: 'bad' }, server.errors.map((error) => `${error.times} × ${error.code} ${error.text}`).join(', '));
}

function serversView() {
  const rows = summary.cells.flatMap((cell, index) => cell.ice_servers.map((server) => ({ index, server })));
  if (rows.length === 0) return null;
  return section(
    'servers',
    term('server', 'What the STUN and TURN servers answered'),
    table('Results of STUN and TURN servers', [
      { head: term('arm'), name: true, cell: (row) => armName(row.index) },
      { head: 'Server', cell: ({ server }) => el('code', {}, server.url) },
      { head: 'Gave an address', number: true, cell: ({ server }) => `${server.answered} of ${server.asked}` },
      { head: 'p50', number: true, cell: ({ server }) => msText(server.elapsed_ms.p50) },
      { head: 'p95', number: true, cell: ({ server }) => msText(server.elapsed_ms.p95) },
      { head: 'Errors', cell: ({ server }) => serverErrors(server) },
    ], rows),
  );
}
