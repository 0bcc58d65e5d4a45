// TURN servers with one fault each, on 127.0.0.1: what a client is told to use, and what a diagnosis
// should say of it.

import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';

import { freePort, temporaryFolder, TurnServer } from './programs.mjs';

const kUser = TurnServer.user, kPassword = TurnServer.password;

function openssl(...words) {
  const run = spawnSync('openssl', words, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
}

// An authority, and a certificate of it for `host`.
export function makeCertificate(host) {
  const folder = temporaryFolder();
  const at = (name) => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2',
    '-subj', `/CN=turnout test authority for ${host}`);
  openssl('req', '-x509', ...newKey, '-keyout', at('key.pem'), '-out', at('cert.pem'), '-days', '2',
    '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-subj', `/CN=${host}`,
    '-addext', `subjectAltName=DNS:${host}`, '-addext', 'basicConstraints=CA:FALSE');
  return { ca: at('ca.pem'), cert: at('cert.pem'), key: at('key.pem') };
}

const tls = ({ cert, key }) => ({ tls: true, lines: [`cert=${cert}`, `pkey=${key}`] });

async function silentUdp() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.unref();
  return socket.address().port;
}

async function silentTcp() {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return server.address().port;
}

// Passes each client's first request on to `port` and its answer back, and is gone then: what a
// client sees of a server that is killed after it asked for the credential.
async function vanishingUdp(port) {
  const front = createSocket('udp4').bind(0, '127.0.0.1');
  const known = new Set();
  front.on('message', (request, client) => {
    const name = `${client.address}:${client.port}`;
    if (known.has(name)) return;
    known.add(name);
    const back = createSocket('udp4');
    back.once('message', (answer) => {
      front.send(answer, client.port, client.address);
      back.close();
    });
    back.send(request, port, '127.0.0.1');
  });
  await once(front, 'listening');
  front.unref();
  return front.address().port;
}

async function vanishingTcp(port) {
  const front = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    client.pipe(server);
    server.once('data', (answer) => {
      client.write(answer, () => client.resetAndDestroy());
      server.destroy();
    });
    for (const end of [client, server]) end.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  front.unref();
  return front.address().port;
}

// Each fault: name; server: as RTCIceServer; ca: what a client is to trust; cause: the primary cause
// of a relay-only call (docs/DIAGNOSIS.md); holder: somebody must hold an allocation meanwhile.
// The first three work, and prove that the comparison can tell.
export async function plantFaults(trusted) {
  const stranger = makeCertificate('localhost');
  const [plain, secure, untrusted, quota, denied, full, rest] = await Promise.all([
    TurnServer.start(),
    TurnServer.start(tls(trusted)),
    TurnServer.start(tls(stranger)),
    TurnServer.start({ lines: ['user-quota=1'] }),
    TurnServer.start({ loopback_peers: false, lines: ['denied-peer-ip=127.0.0.0-127.255.255.255'] }),
    TurnServer.startWithOneRelayPort(),
    TurnServer.start({ secret: 'a secret of nobody' }),
  ]);
  const servers = [plain, secure, untrusted, quota, denied, full, rest];
  const wrong = makeCertificate('turn.example');
  const misnamed = await TurnServer.start(tls({ ...wrong }));
  servers.push(misnamed);
  const expired = rest.restCredential(Math.floor(Date.now() / 1000) - 3600);
  const fault = (name, url, cause, more = {}) => ({
    name, cause, server: { urls: url, username: kUser, credential: kPassword, ...more.server },
    ca: more.ca ?? trusted.ca, holder: more.holder ?? false,
  });
  const turn = (port, transport = 'udp') => `turn:127.0.0.1:${port}?transport=${transport}`;
  const turns = (port) => `turns:localhost:${port}?transport=tcp`;
  const faults = [
    fault('none, over UDP', turn(plain.port), null),
    fault('none, over TCP', turn(plain.port, 'tcp'), null),
    fault('none, over TLS', turns(secure.tls_port), null),
    fault('UDP port where nobody listens', turn(await freePort()), 'turn_unreachable'),
    fault('UDP is dropped', turn(await silentUdp()), 'turn_unreachable'),
    fault('TCP is refused', turn(await freePort(), 'tcp'), 'turn_unreachable'),
    fault('TCP is accepted, and never answered', turn(await silentTcp(), 'tcp'), 'turn_unreachable'),
    fault('TLS port accepts, and never answers', turns(await silentTcp()), 'tls_not_spoken'),
    fault('TLS: issuer is not trusted', turns(untrusted.tls_port), 'tls_untrusted'),
    fault('TLS: certificate for another name', turns(misnamed.tls_port), 'tls_wrong_name', { ca: wrong.ca }),
    fault('plain TURN on the TLS port', turns(plain.port), 'tls_not_spoken'),
    fault('wrong user', turn(plain.port), 'turn_auth', { server: { username: 'stranger' } }),
    fault('wrong password', turn(plain.port), 'turn_auth', { server: { credential: 'wrong' } }),
    fault('expired TURN REST credential', turn(rest.port), 'turn_credential_expired', { server: expired }),
    fault('quota reached', turn(quota.port), 'turn_quota', { holder: true }),
    fault('no relay port left', turn(full.port), 'turn_no_capacity', { holder: true }),
    fault('peer is denied', turn(denied.port), 'turn_forbidden_peer'),
    fault('name does not resolve', 'turn:no-such-host.invalid:3478?transport=udp', 'dns_failure'),
    fault('UDP server dies while gathering', turn(await vanishingUdp(plain.port)), 'turn_unreachable'),
    fault('TCP server dies while gathering', turn(await vanishingTcp(plain.port), 'tcp'), 'turn_unreachable'),
  ];
  return { faults, trusted_by_all: [trusted.ca, wrong.ca], stop: () => servers.forEach((one) => one.stop()) };
}
