// Which way the media went.

function countsText(counts) {
  return Object.entries(counts).sort((a, b) => b[1] - a[1]).map(([word, n]) => `${word} ${n}`).join(', ') || '-';
}

function mediaText(media) {
  return Object.entries(media).map(([kind, sums]) => `${kind} ${sums.loss === null ? '-' : percentText(sums.loss)}`).join(', ');
}

function gapText(media) {
  return Object.entries(media).map(([kind, sums]) => `${kind} ${msText(sums.longest_gap_ms)}`).join(', ');
}

function relayText({ on_relay, connected, on_relay_by_transport, relayed_bytes }) {
  if (on_relay === 0) return '-';
  return `${on_relay} of ${connected} (${countsText(on_relay_by_transport)})${relayed_bytes > 0 ? `, ${bytesText(relayed_bytes)}` : ''}`;
}

function pathsView() {
  if (Object.keys(summary.total.paths).length === 0) return null;
  const rows = summary.cells.map((cell, index) => ({ cell, index }));
  const has_media = Object.keys(summary.total.media).length > 0;
  return section(
    'paths',
    'Paths and media',
    table('Paths and media, per arm', [
      { head: term('arm'), name: true, cell: (row) => armName(row.index) },
      { head: term('path', 'Selected pairs (links)'), cell: ({ cell }) => countsText(cell.paths) },
      { head: 'Relayed ends, by protocol to TURN', cell: ({ cell }) => countsText(cell.relay_protocols) },
      { head: term('turn_cost'), cell: ({ cell }) => relayText(cell.turn_cost) },
      ...(has_media ? [
        { head: term('loss'), name: true, cell: ({ cell }) => mediaText(cell.media) },
        { head: term('gap'), name: true, cell: ({ cell }) => gapText(cell.media) },
      ] : []),
    ], rows),
  );
}
