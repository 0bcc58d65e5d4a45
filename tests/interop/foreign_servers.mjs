// A signaling URL that leads to something else: each is a cause of its own. And a server that somebody
// wrote after docs/PROTOCOL.md.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createRequire } from 'node:module';
import { createServer as createTcpServer } from 'node:net';
import { describe, test } from 'node:test';

import { makeCertificate } from '../browser/certificates.mjs';
import { Run } from '../browser/programs.mjs';
import { startRoomServer } from './room_server.mjs';

const need = createRequire(`${process.env.PACKAGES}/`);

const answering = (status, body, headers = {}) => () =>
  createServer((_, response) => response.writeHead(status, headers).end(body));
const withSocketIo = (name, onServer) => () => {
  const http = createServer(), library = need(name);
  onServer(library.Server ? new library.Server(http) : library(http));
  return http;
};
function webSocket(onSocket) {
  return () => {
    const http = createServer((_, response) => response.writeHead(426).end('Upgrade Required'));
    new (need('ws').WebSocketServer)({ server: http }).on('connection', onSocket);
    return http;
  };
}

// By cause. start: a server that is to listen.
const kRows = {
  signaling_other_app: [
    ['a chat on Socket.IO 4', withSocketIo('socket.io', (io) => io.on('connection', (socket) => socket.on('chat', () => {})))],
  ],
  signaling_socket_io_2: [['Socket.IO 2', withSocketIo('socket.io-2', () => {})]],
  signaling_plain_websocket: [
    ['an echo over WebSocket', webSocket((socket) => socket.on('message', (text) => socket.send(`echo ${text}`)))],
    ['a WebSocket that greets in JSON', webSocket((socket) => socket.send('{"type":"welcome"}'))],
    ['a WebSocket that says nothing', webSocket(() => {})],
  ],
  signaling_no_socket_io: [
    ['HTTP 404', answering(404, 'nothing here')],
    ['HTTP 200 with a page', answering(200, '<html>hello</html>', { 'content-type': 'text/html' })],
    ['a redirect', answering(302, '', { location: 'https://example.org/' })],
  ],
  signaling_login: [['HTTP 401', answering(401, 'login first')], ['HTTP 403', answering(403, 'no')]],
  signaling_bad_gateway: [['HTTP 502', answering(502, '<h1>Bad Gateway</h1>')], ['HTTP 503', answering(503, '')]],
  signaling_not_http: [
    ['SSH', () => createTcpServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'))],
    ['TLS that is asked in plain', () => {
      const { cert, key } = makeCertificate('127.0.0.1');
      return createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) });
    }],
  ],
  signaling_tls: [
    ['plain HTTP that is asked for TLS', answering(200, ''), 'https'],
    ['a certificate that nobody trusts', () => {
      const { cert, key } = makeCertificate('127.0.0.1');
      return createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) });
    }, 'https'],
  ],
  signaling_silent: [['a black hole', () => createTcpServer(() => {})]],
  signaling_unreachable: [['nobody', undefined]],
};

const scenario = (name) => ({
  name, calls: { per_arm: 1, hold_ms: 300 }, turn: [{ name: 'direct' }], media: 'none', thresholds: { success_rate: ['rate>=1'] },
});

async function listening(t, start, scheme = 'http') {
  const server = start ? start() : createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `${scheme}://127.0.0.1:${server.address().port}`;
  if (start) t.after(() => { server.close(); server.closeAllConnections?.(); server.unref(); });
  else await new Promise((closed) => server.close(closed));
  return { url };
}

describe('a signaling URL that leads elsewhere', { concurrency: 2 }, () => {
  for (const [cause, rows] of Object.entries(kRows))
    for (const [what, start, scheme] of rows)
      test(`${what}: ${cause}`, async (t) => {
        const run = Run.start(await listening(t, start, scheme), scenario('elsewhere'));
        t.after(() => run.stop());
        assert.notEqual(await run.exitCode(), 0, run.report);
        const [seen] = run.events('signaling_seen');
        assert.equal(seen?.kind, cause === 'signaling_tls' ? 'no_tls' : cause.slice('signaling_'.length), run.report);
        // A call is left out where this machine stood still meanwhile.
        const { diagnoses, aborted } = run.summary.total;
        assert.deepEqual(diagnoses.map((one) => one.cause), aborted ? [] : [cause], run.report);
      });
});

test('a server that was written after docs/PROTOCOL.md is used as ours is', async (t) => {
  const run = Run.start(await listening(t, startRoomServer), { ...scenario('rooms'), calls: { per_arm: 3, hold_ms: 300 } });
  t.after(() => run.stop());
  assert.equal(await run.exitCode(), 0, run.report);
  assert.deepEqual(run.events('app_fault'), [], run.report);
});
