// Mistakes of TURN servers that no coturn can be made to do (fake_turn.mjs), and of TLS in front of
// one: rows like those of planted_faults.mjs.

import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import { once } from 'node:events';

import { kOddAnswers } from './odd_answers.mjs';
import { alternateServer, attribute, FakeTurn, kHost } from './fake_turn.mjs';
import { makeCertificate } from './certificates.mjs';

const answers = (code, reason = '') => ({ allocate: () => ({ code, reason }) });
const kTlsAlert = Buffer.from([21, 3, 3, 0, 2, 2, 40]); // fatal: handshake_failure (RFC 8446 6)
const kHtml = 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html><body>400</body></html>';

// { name, mistake, cause } over UDP, or `transport`; cause null: it works. run_cause: what a call
// says, where it sees less than a probe.
const kMistakes = [
  { name: 'fake: none', mistake: {}, cause: null },
  { name: 'fake: none, over TCP', transport: 'tcp', mistake: {}, cause: null },
  { name: 'answers byte by byte over TCP', transport: 'tcp', mistake: { split: true }, cause: null },
  { name: 'answers after 300 ms', mistake: { delay_ms: 300 }, cause: null },
  { name: 'leaves Binding without an answer', mistake: { binding: () => null }, cause: null },
  { name: 'refuses Binding with 400', mistake: { binding: () => ({ code: 400 }) }, cause: null },
  { name: 'Allocate 400', mistake: answers(400, 'Bad Request'), cause: 'turn_error' },
  { name: 'Allocate 403', mistake: answers(403, 'Forbidden'), cause: 'turn_forbidden' },
  { name: 'Allocate 420', mistake: answers(420, 'Unknown Attribute'), cause: 'turn_error' },
  { name: 'Allocate 437', mistake: answers(437, 'Allocation Mismatch'), cause: 'turn_mismatch' },
  { name: 'Allocate 440', mistake: answers(440, 'Address Family not Supported'), cause: 'turn_unsupported' },
  { name: 'Allocate 441', mistake: answers(441, 'Wrong Credentials'), cause: 'turn_auth' },
  { name: 'Allocate 442', mistake: answers(442, 'Unsupported Transport Protocol'), cause: 'turn_unsupported' },
  { name: 'Allocate 486', mistake: answers(486, 'Allocation Quota Reached'), cause: 'turn_quota' },
  { name: 'Allocate 500', mistake: answers(500, 'Server Error'), cause: 'turn_error' },
  { name: 'Allocate 508', mistake: answers(508, 'Insufficient Capacity'), cause: 'turn_no_capacity' },
  { name: 'Allocate 500, NULs after the reason', mistake: answers(500, 'Server Error\0\0\0'), cause: 'turn_error' },
  { name: 'Allocate 500 without a reason', mistake: answers(500), cause: 'turn_error' },
  { name: 'Allocate 500, the reason not in UTF-8', mistake: answers(500, Buffer.from([0xff, 0xfe, 0x41])), cause: 'turn_error' },
  { name: '401 without realm and nonce', mistake: { challenge: () => ({ code: 401, reason: 'Unauthorized' }) }, cause: 'turn_bad_challenge' },
  {
    name: '401 without a nonce', cause: 'turn_bad_challenge',
    mistake: { challenge: () => ({ code: 401, reason: 'Unauthorized', parts: [attribute(0x0014, 'r')] }) },
  },
  { name: 'each nonce is stale (438)', mistake: { allocate: (_, { server }) => ({ code: 438, reason: 'Stale Nonce', parts: server.challenge(), key: null }) }, cause: 'turn_stale_nonce' },
  { name: 'another realm each time (401)', mistake: { allocate: (_, { server }) => ({ code: 401, reason: 'Unauthorized', parts: server.challenge(`realm ${server.requests}`), key: null }) }, cause: 'turn_auth' },
  { name: 'sends to itself (300)', mistake: { allocate: (_, { server }) => ({ code: 300, reason: 'Try Alternate', parts: [alternateServer({ address: kHost, port: server.port })] }) }, cause: 'turn_redirected' },
  { name: 'sends to a dead one (300)', mistake: { allocate: () => ({ code: 300, reason: 'Try Alternate', parts: [alternateServer({ address: kHost, port: 9 })] }) }, cause: 'turn_unreachable' },
  { name: '300 without an address', mistake: answers(300, 'Try Alternate'), cause: 'turn_redirected' },
  {
    name: 'the relay is signed with another key', cause: 'turn_unsigned',
    mistake: { allocate: (request, client) => client.allocate(client.server.mapped(client.peer), { key: Buffer.from('another key') }) },
  },
  {
    name: 'the relay is not signed', cause: 'turn_unsigned',
    mistake: { allocate: (request, client) => client.allocate(client.server.mapped(client.peer), { key: null }) },
  },
  {
    name: 'a relay for everybody, no login', cause: 'turn_unsigned',
    mistake: { challenge: (request, client) => client.allocate(client.server.mapped(client.peer), { key: null }) },
  },
  {
    name: 'no relayed address in the answer', cause: 'turn_error',
    mistake: { allocate: (request, client) => client.allocate(client.server.mapped(client.peer), { without: ['relayed'] }) },
  },
  {
    name: 'no mapped address in the answer', cause: 'turn_error',
    mistake: { allocate: (request, client) => client.allocate(client.server.mapped(client.peer), { without: ['mapped'] }) },
  },
  { name: 'answers from another address', mistake: { source: process.env.TURNOUT_SECOND_HOST }, cause: 'turn_unreachable', doctor_cause: 'udp_blocked' },
  { name: 'CreatePermission 403', mistake: { permission: () => ({ code: 403, reason: 'Forbidden' }), channel: () => ({ code: 403 }) }, cause: 'turn_forbidden_peer' },
  { name: 'CreatePermission 400', mistake: { permission: () => ({ code: 400, reason: 'Bad Request' }), channel: () => ({ code: 400 }) }, cause: 'turn_peer_refused' },
  { name: 'CreatePermission 443', mistake: { permission: () => ({ code: 443, reason: 'Peer Address Family Mismatch' }), channel: () => ({ code: 443 }) }, cause: 'turn_peer_refused' },
  { name: 'CreatePermission is not answered', mistake: { permission: () => null, channel: () => null }, cause: 'turn_unreachable', run_cause: 'ice_no_pair' },
  { name: 'ChannelBind 400', mistake: { channel: () => ({ code: 400, reason: 'Bad Request' }) }, cause: 'turn_peer_refused' },
  { name: 'nothing gets into the relay', mistake: { from_peer: () => false }, cause: 'turn_relay_blocked', run_cause: 'ice_no_pair' },
  { name: 'nothing gets out of the relay', mistake: { to_peer: () => false }, cause: 'turn_relay_blocked', run_cause: 'ice_no_pair' },
  { name: 'the relay is not where it says', mistake: { relayed: ({ port }) => ({ address: process.env.TURNOUT_SECOND_HOST, port }) }, cause: 'turn_external_ip_wrong', run_cause: 'ice_no_pair' },
  { name: 'the relay has a private address', mistake: { relayed: ({ port }) => ({ address: '10.53.34.156', port }) }, cause: 'turn_external_ip_wrong', run_cause: 'ice_no_pair' },
  { name: 'the relay has an unroutable address', mistake: { relayed: ({ port }) => ({ address: '203.0.113.9', port }) }, cause: 'turn_external_ip_wrong', run_cause: 'ice_no_pair' },
  { name: 'a web server on the TURN port', transport: 'tcp', mistake: { greeting: kHtml }, cause: 'turn_not_spoken' },
  { name: 'closes each connection', transport: 'tcp', mistake: { greeting: '' }, cause: 'turn_not_spoken' },
  { name: 'realm in UTF-8', mistake: { realm: 'dömäne "x" ; y' }, cause: null },
];

async function tlsFront(port, options) {
  const server = createTlsServer(options, (client) => {
    const inner = connect(port, kHost);
    client.pipe(inner).pipe(client);
    for (const end of [client, inner]) end.on('error', () => {});
  }).listen(0, kHost);
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  server.unref();
  return server.address().port;
}

// A TCP server that does this with each connection; its port.
async function fronted(take) {
  const server = createServer((client) => {
    client.on('error', () => {});
    take(client);
  }).listen(0, kHost);
  await once(server, 'listening');
  server.unref();
  return server.address().port;
}

// `fault` makes a row, as in planted_faults.mjs.
export async function plantFakeFaults(fault, trusted) {
  const rows = [];
  for (const { name, mistake, cause, transport = 'udp', run_cause, doctor_cause } of [...kMistakes, ...kOddAnswers]) {
    const server = await FakeTurn.start(mistake);
    rows.push(fault(name, `turn:${kHost}:${server.port}?transport=${transport}`, cause, { run_cause, doctor_cause }));
  }
  const plain = await FakeTurn.start();
  const files = ({ cert, key }) => ({ cert: readFileSync(cert), key: readFileSync(key) });
  const authorities = [];
  const addTls = async (name, cause, certificate, options = {}) => {
    const port = await tlsFront(plain.port, { ...files(certificate), ...options });
    if (certificate.ca !== trusted.ca) authorities.push(certificate.ca);
    rows.push(fault(name, `turns:${kHost}:${port}?transport=tcp`, cause, { ca: certificate.ca }));
  };
  await addTls('TLS 1.3 only', null, trusted, { minVersion: 'TLSv1.3' });
  await addTls('TLS 1.2 only', null, trusted, { maxVersion: 'TLSv1.2' });
  await addTls('TLS 1.1 at most', 'tls_too_old', trusted, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  await addTls('TLS 1.0 at most', 'tls_too_old', trusted, { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
  await addTls('TLS 1.2: wants a certificate of the client', 'tls_client_certificate', trusted,
    { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2', ca: readFileSync(trusted.ca) });
  await addTls('TLS 1.3: wants a certificate of the client', 'tls_client_certificate', trusted,
    { requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3', ca: readFileSync(trusted.ca) });
  await addTls('TLS: asks for a certificate, and needs none', 'tls_client_certificate', trusted,
    { requestCert: true, rejectUnauthorized: false, ca: readFileSync(trusted.ca) });
  await addTls('TLS: certificate without subjectAltName', 'tls_no_name', makeCertificate(kHost, { alt_name: null }));
  await addTls('TLS: certificate expired', 'tls_expired', makeCertificate(kHost, { days: [-3, -1] }));
  await addTls('TLS: certificate not valid yet', 'tls_not_valid_yet', makeCertificate(kHost, { days: [2, 4] }));
  await addTls('TLS: certificate for another name', 'tls_wrong_name', makeCertificate(kHost, { alt_name: 'DNS:localhost' }));
  await addTls('TLS: certificate for *.localhost', 'tls_wrong_name', makeCertificate(kHost, { alt_name: 'DNS:*.localhost' }));
  const port = await fronted((client) => client.once('data', () => client.end(kTlsAlert)));
  rows.push(fault('TLS: an alert in the handshake', `turns:${kHost}:${port}?transport=tcp`, 'tls_not_spoken'));
  const deaf = await fronted((client) => client.end());
  rows.push(fault('a proxy without a server: accepts, and closes', `turn:${kHost}:${deaf}?transport=tcp`, 'turn_not_spoken'));
  rows.push(fault('the same on the TLS port', `turns:${kHost}:${deaf}?transport=tcp`, 'tls_not_spoken'));
  const named = makeCertificate('turn.test'), other = makeCertificate('www.test');
  const by_name = await tlsFront(plain.port, {
    ...files(other), SNICallback: (name, done) => done(null, name === 'turn.test' ? createSecureContext(files(named)) : undefined),
  });
  authorities.push(named.ca, other.ca);
  rows.push(fault('TLS: a proxy that picks the certificate by name', `turns:turn.test:${by_name}?transport=tcp`, null, { ca: named.ca }));
  const chosen = await tlsFront(plain.port, { ...files(named), ALPNProtocols: ['http/1.1'] });
  rows.push(fault('TLS: a proxy that speaks of HTTP (ALPN)', `turns:turn.test:${chosen}?transport=tcp`, null, { ca: named.ca }));
  const web = await FakeTurn.start({ greeting: kHtml });
  rows.push(fault('a web server on the TLS port', `turns:${kHost}:${web.port}?transport=tcp`, 'tls_not_spoken'));
  const web_in_tls = await tlsFront(web.port, files(trusted));
  rows.push(fault('a web server in TLS', `turns:${kHost}:${web_in_tls}?transport=tcp`, 'turn_not_spoken'));
  return { rows, authorities };
}
