// TURN servers with one fault each: what a client is told to use, and what a diagnosis should say of
// it.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';

import { makeCertificate } from './certificates.mjs';
import { plantFakeFaults } from './fake_faults.mjs';
import { kHost } from './fake_turn.mjs';
import { freePort, TurnServer } from './programs.mjs';

const kUser = TurnServer.user, kPassword = TurnServer.password;

const tls = ({ cert, key }) => ({ tls: true, lines: [`cert=${cert}`, `pkey=${key}`] });

async function silentUdp() {
  const socket = createSocket('udp4').bind(0, kHost);
  await once(socket, 'listening');
  socket.unref();
  return socket.address().port;
}

async function silentTcp() {
  const server = createServer(() => {}).listen(0, kHost);
  await once(server, 'listening');
  server.unref();
  return server.address().port;
}

// Passes each client's first request on to `port` and its answer back, and is gone then: what a
// client sees of a server that is killed after it asked for the credential.
async function vanishingUdp(port) {
  const front = createSocket('udp4').bind(0, kHost);
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
    back.send(request, port, kHost);
  });
  await once(front, 'listening');
  front.unref();
  return front.address().port;
}

async function vanishingTcp(port) {
  const front = createServer((client) => {
    const server = connect(port, kHost);
    client.pipe(server);
    server.once('data', (answer) => {
      client.write(answer, () => client.resetAndDestroy());
      server.destroy();
    });
    for (const end of [client, server]) end.on('error', () => {});
  }).listen(0, kHost);
  await once(front, 'listening');
  front.unref();
  return front.address().port;
}

// Each row: name; server: as RTCIceServer; ca: what a client is to trust; cause: what a probe and the
// doctor should say (docs/DIAGNOSIS.md), null where all is well; run_cause: what a call should say,
// where it sees less; doctor_cause: what the doctor should, where it sees more; holder: somebody must hold an allocation meanwhile. The rows without a fault
// prove that the comparison can tell.
export async function plantFaults() {
  const second = process.env.TURNOUT_SECOND_HOST, lost = process.env.TURNOUT_LOST_HOST;
  const trusted = makeCertificate(kHost);
  const stranger = makeCertificate(kHost), wrong = makeCertificate('turn.example');
  const external = (address) => TurnServer.start({ lines: [`external-ip=${address}`] });
  const [plain, secure, untrusted, misnamed, quota, denied, full, rest, open, elsewhere, abroad] = await Promise.all([
    TurnServer.start(),
    TurnServer.start(tls(trusted)),
    TurnServer.start(tls(stranger)),
    TurnServer.start(tls(wrong)),
    TurnServer.start({ lines: ['user-quota=1'] }),
    TurnServer.start({ lines: ['denied-peer-ip=0.0.0.0-255.255.255.255'] }),
    TurnServer.startWithOneRelayPort(),
    TurnServer.start({ secret: 'a secret of nobody' }),
    TurnServer.start({ lines: ['no-auth'] }),
    TurnServer.start({ relay_ip: second }),
    TurnServer.start({ relay_ip: lost }),
  ]);
  const wrong_external = await external(`203.0.113.9/${kHost}`), private_external = await external(`${lost}/${kHost}`);
  const alternate = await TurnServer.start({ lines: [`alternate-server=${kHost}:${plain.port}`] });
  const tls_alternate = await TurnServer.start({ ...tls(trusted), lines: [...tls(trusted).lines, `tls-alternate-server=${kHost}:${secure.tls_port}`] });
  const expired = rest.restCredential(Math.floor(Date.now() / 1000) - 3600);
  const fault = (name, url, cause, more = {}) => ({
    name, cause, server: { urls: url, username: kUser, credential: kPassword, ...more.server },
    ca: more.ca ?? trusted.ca, holder: more.holder ?? false, run_cause: more.run_cause ?? cause, doctor_cause: more.doctor_cause ?? cause,
  });
  const turn = (port, transport = 'udp') => `turn:${kHost}:${port}?transport=${transport}`;
  const turns = (port) => `turns:${kHost}:${port}?transport=tcp`;
  const no_pair = { run_cause: 'ice_no_pair' };
  const rows = [
    fault('none, over UDP', turn(plain.port), null),
    fault('none, over TCP', turn(plain.port, 'tcp'), null),
    fault('none, over TLS', turns(secure.tls_port), null),
    fault('none, by name', `turn:turn.test:${plain.port}`, null),
    fault('none, the relay on another address', turn(elsewhere.port), null),
    fault('a name whose IPv6 address is dead', `turn:dual.test:${plain.port}?transport=udp`, null),
    fault('the same over TCP', `turn:dual.test:${plain.port}?transport=tcp`, null),
    fault('a name whose second address is dead', `turn:spare.test:${plain.port}?transport=udp`, null),
    fault('a name whose first address refuses', `turn:refused.test:${plain.port}?transport=udp`, 'turn_address_dead', { run_cause: 'udp_blocked' }),
    fault('a name whose first address refuses, over TCP', `turn:refused.test:${plain.port}?transport=tcp`, null),
    fault('a name whose first address is silent', `turn:silent.test:${plain.port}?transport=udp`, 'turn_address_dead', { run_cause: 'udp_blocked' }),
    fault('a name whose first address is silent, over TCP', `turn:silent.test:${plain.port}?transport=tcp`, null),
    fault('sends to another server (300)', turn(alternate.port), null),
    fault('sends to another server over TLS (300)', turns(tls_alternate.tls_port), null),
    fault('UDP port where nobody listens', turn(await freePort()), 'turn_unreachable'),
    fault('UDP is dropped', turn(await silentUdp()), 'turn_unreachable'),
    fault('TCP is refused', turn(await freePort(), 'tcp'), 'turn_unreachable'),
    fault('TCP is accepted, and never answered', turn(await silentTcp(), 'tcp'), 'turn_not_spoken'),
    fault('TLS port accepts, and never answers', turns(await silentTcp()), 'tls_not_spoken'),
    fault('TLS: issuer is not trusted', turns(untrusted.tls_port), 'tls_untrusted'),
    fault('TLS: certificate for another name', turns(misnamed.tls_port), 'tls_wrong_name', { ca: wrong.ca }),
    fault('plain TURN on the TLS port', turns(plain.port), 'tls_not_spoken'),
    fault('wrong user', turn(plain.port), 'turn_auth', { server: { username: 'stranger' } }),
    fault('wrong password', turn(plain.port), 'turn_auth', { server: { credential: 'wrong' } }),
    fault('expired TURN REST credential', turn(rest.port), 'turn_credential_expired', { server: expired }),
    fault('no authentication (no-auth)', turn(open.port), 'turn_unsigned'),
    fault('quota reached', turn(quota.port), 'turn_quota', { holder: true }),
    fault('no relay port left', turn(full.port), 'turn_no_capacity', { holder: true }),
    fault('peer is denied', turn(denied.port), 'turn_forbidden_peer'),
    fault('external-ip of nobody', turn(wrong_external.port), 'turn_external_ip_wrong', no_pair),
    fault('external-ip is a private address', turn(private_external.port), 'turn_external_ip_wrong', no_pair),
    fault('relay-ip is a private address', turn(abroad.port), 'turn_external_ip_wrong', no_pair),
    fault('name does not resolve', 'turn:no-such-host.test:3478?transport=udp', 'dns_failure'),
    fault('UDP server dies while gathering', turn(await vanishingUdp(plain.port)), 'turn_unreachable'),
    fault('TCP server dies while gathering', turn(await vanishingTcp(plain.port), 'tcp'), 'turn_error', { run_cause: 'turn_not_spoken' }),
  ];
  const fake = await plantFakeFaults(fault, trusted);
  return { rows: [...rows, ...fake.rows], authorities: [trusted.ca, wrong.ca, ...fake.authorities] };
}
