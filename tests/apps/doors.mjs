// The other ways into an app, for real: a login before the socket, TLS with an authority of one's own, a start by
// polling, two connections, binary frames with a subprotocol. Dialects are those of docs/DIALECTS.md, as they stand.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { Run, temporaryFolder } from '../browser/programs.mjs';
import { startServer, stopServers } from './server_process.mjs';

after(stopServers);

const folder = temporaryFolder();
const taught = [...readFileSync(new URL('../../docs/DIALECTS.md', import.meta.url), 'utf8')
  .matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, text]) => text);

function dialectFile(name, text) {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, text);
  return file;
}
const fromTheDocs = (name) => dialectFile(name, taught.find((text) => text.includes(`"name": "${name}"`)));

// `connected`: link ends, two a call. A machine that is busy with other things may judge a run by nothing; what
// became of its calls is in their story all the same.
async function perform(t, signaling) {
  const run = Run.start(undefined, {
    name: 'doors', signaling, calls: { kind: 'room', per_arm: 3, hold_ms: 400 }, arrival: { rate_per_s: 3 },
    turn: [{ name: 'direct' }], deadlines: { connect_ms: 8000, first_media_ms: 5000, join_ms: 4000 },
    thresholds: { success_rate: ['rate>=1'] },
  });
  t.after(() => run.stop());
  await run.exitCode();
  return { story: run.story(), report: run.report, connected: run.events('link_connected').length };
}

test('a login, a cookie, a ticket, an authority of its own, and a start by polling', async (t) => {
  const pem = join(folder, 'app.pem');
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-keyout', `${pem}.key`, '-out', `${pem}.crt`, '-days', '2', '-subj', '/CN=app', '-addext', 'subjectAltName=IP:127.0.0.1']);
  assert.equal(made.status, 0, String(made.stderr));
  writeFileSync(pem, readFileSync(`${pem}.key`, 'utf8') + readFileSync(`${pem}.crt`, 'utf8'));
  const { origin } = await startServer('with-login', { CERTIFICATE: pem });
  const signaling = { url: origin, dialect: fromTheDocs('with-login'), tls: { ca_file: `${pem}.crt` } };

  const good = await perform(t, { ...signaling, values: { password: 'open sesame' } });
  assert.equal(good.connected, 6, good.report);
  for (const start of ['polling', 'websocket']) {
    const other = await perform(t, { ...signaling, start, values: { password: 'open sesame' } });
    assert.equal(other.connected, 6, other.report);
  }
  const wrong = await perform(t, { ...signaling, values: { password: 'open barley' } });
  assert.equal(wrong.connected, 0, wrong.report);
  assert.match(wrong.story, /POST \/api\/login: HTTP 403 wrong password/);
  const unknown = await perform(t, { ...signaling, values: { password: 'open sesame' }, tls: {} });
  assert.match(unknown.story, /certificate/i);
});

test('a PeerJS server beside a Socket.IO server', async (t) => {
  const { origin, child } = await startServer('peerjs-beside-socket.io');
  const [, peer_server] = /peers at (\S+)/.exec(child.output);
  const { connected, report } = await perform(t, { url: origin, dialect: fromTheDocs('peerjs-beside-socket.io'), values: { peer_server } });
  assert.equal(connected, 6, report);
});

test('JSON in binary frames, by a subprotocol', async (t) => {
  const { origin } = await startServer('binary-messages');
  const dialect = (transport) => dialectFile(`binary-${Object.keys(transport).length}`, JSON.stringify({
    name: 'binary-messages',
    transport: { kind: 'websocket', event_field: 'op', ...transport },
    steps: { join: { send: { op: 'join', room: '${room}' } } },
    send: {
      offer: { send: { op: 'description', to: '${peer}', d: '${description}' } },
      answer: { send: { op: 'description', to: '${peer}', d: '${description}' } },
      candidate: { send: { op: 'candidate', to: '${peer}', d: '${candidate}' } },
    },
    rules: [
      { on: 'joined', means: 'joined', id: 'you', each: 'peers', peer: 'item' },
      { on: 'description', peer: 'from', description: 'd' },
      { on: 'candidate', peer: 'from', candidate: 'd' },
    ],
  }));
  const good = await perform(t, { url: origin, dialect: dialect({ binary: true, subprotocol: 'rooms.v2' }) });
  assert.equal(good.connected, 6, good.report);
  const texts = await perform(t, { url: origin, dialect: dialect({ subprotocol: 'rooms.v2' }) });
  assert.equal(texts.connected, 0, texts.report);
  assert.match(texts.story, /1003/);
});
