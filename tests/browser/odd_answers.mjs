// Answers of TURN servers that a standard forbids, or that few expect: mistakes for fake_turn.mjs,
// rows like those of fake_faults.mjs.

import { attribute, kAllocate } from './fake_turn.mjs';

const kFingerprint = 0x8028, kSoftware = 0x8022, kAlgorithms = 0x8002;

const allocates = (how) => ({ allocate: (request, client) => client.allocate(client.server.mapped(client.peer), how) });
const relayedAt = (address, port) => ({ relayed: (at) => ({ address: address ?? at.address, port: port ?? at.port }) });

// With FINGERPRINT (RFC 8489 14.7), `change` applied to it.
function fingerprinted(bytes, change) {
  const longer = Buffer.from(bytes);
  longer.writeUInt16BE(bytes.length - 20 + 8, 2);
  const sum = (crc32(longer) ^ 0x5354554e ^ change) >>> 0, value = Buffer.alloc(4);
  value.writeUInt32BE(sum, 0);
  return Buffer.concat([longer, attribute(kFingerprint, value)]);
}
// That of node:zlib is newer than Debian's node.
function crc32(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}

const ofAllocate = (change) => ({ outgoing: (bytes, method) => (method === kAllocate ? change(bytes) : [bytes]) });
// Only the answer to the request with a credential, which is a success.
const ofSuccess = (change) => ofAllocate((bytes) => ((bytes.readUInt16BE(0) & 0x0110) === 0x0100 ? change(bytes) : [bytes]));

function withLength(bytes, length) {
  const out = Buffer.from(bytes);
  out.writeUInt16BE(length, 2);
  return out;
}

function withOtherId(bytes) {
  const out = Buffer.from(bytes);
  out[19] ^= 1;
  return out;
}

export const kOddAnswers = [
  { name: 'FINGERPRINT in each answer', mistake: { outgoing: (bytes) => [fingerprinted(bytes, 0)] }, cause: null },
  { name: 'FINGERPRINT wrong', mistake: { outgoing: (bytes) => [fingerprinted(bytes, 1)] }, cause: null },
  { name: 'each answer comes twice', mistake: { outgoing: (bytes) => [bytes, bytes] }, cause: null },
  { name: 'no lifetime in the answer', mistake: allocates({ without: ['lifetime'] }), cause: 'turn_error' },
  { name: 'a lifetime of 0', mistake: allocates({ lifetime_s: 0 }), cause: null },
  { name: 'a lifetime of 20 s', mistake: allocates({ lifetime_s: 20 }), cause: null },
  { name: 'a relay at 0.0.0.0', mistake: relayedAt('0.0.0.0'), cause: 'turn_external_ip_wrong', run_cause: 'ice_no_pair' },
  { name: 'a relay on port 0', mistake: relayedAt(undefined, 0), cause: 'turn_error', run_cause: 'ice_no_pair' },
  { name: 'a relay on loopback', mistake: relayedAt('127.0.0.1'), cause: 'turn_external_ip_wrong', run_cause: 'ice_no_pair' },
  { name: 'an attribute longer than its answer', mistake: ofSuccess((bytes) => { const out = Buffer.from(bytes); out.writeUInt16BE(200, 22); return [out]; }), cause: 'turn_error', run_cause: 'turn_unreachable' },
  { name: 'an answer cut off', mistake: ofSuccess((bytes) => [bytes.subarray(0, bytes.length - 12)]), cause: 'turn_error', run_cause: 'turn_unreachable' },
  { name: 'an answer of a length that is no multiple of 4', mistake: ofSuccess((bytes) => [Buffer.concat([withLength(bytes, bytes.length - 20 + 2), Buffer.alloc(2)])]), cause: 'turn_error', run_cause: 'turn_unreachable' },
  { name: 'the answer to another request', mistake: ofSuccess((bytes) => [withOtherId(bytes)]), cause: 'turn_unreachable' },
  { name: 'an unknown attribute that must be understood', mistake: allocates({ more: [attribute(0x7ffe, 'odd')] }), cause: 'turn_error' },
  { name: 'a name of 700 bytes (SOFTWARE)', mistake: allocates({ more: [attribute(kSoftware, 'x'.repeat(700))] }), cause: null },
  { name: 'a nonce of 763 bytes', mistake: { nonce: () => 'n'.repeat(763) }, cause: null },
  { name: 'a realm of 508 bytes', mistake: { realm: 'r'.repeat(508) }, cause: null },
  { name: 'a realm of 509 bytes', mistake: { realm: 'r'.repeat(509) }, cause: 'turn_bad_challenge' },
  {
    name: 'offers other password algorithms (RFC 8489)', cause: null,
    mistake: {
      nonce: () => 'obMatJos2gAAA0123456789',
      outgoing: (bytes) => [bytes.readUInt16BE(0) === 0x0113 ? withAttribute(bytes, attribute(kAlgorithms, [0, 2, 0, 0, 0, 1, 0, 0])) : bytes],
    },
  },
  { name: 'Allocate 600', mistake: { allocate: () => ({ code: 600, reason: 'Global Failure' }) }, cause: 'turn_error' },
  { name: 'Allocate 500, a reason of 760 bytes', mistake: { allocate: () => ({ code: 500, reason: 'e'.repeat(760) }) }, cause: 'turn_error' },
  { name: 'an error without its number', mistake: ofAllocate((bytes) => [bytes.readUInt16BE(0) === 0x0113 ? withoutBody(bytes) : bytes]), cause: 'turn_error', run_cause: 'turn_unreachable' },
  { name: 'over TCP: closes its half after the first answer', transport: 'tcp', mistake: { half_close: true }, cause: 'turn_not_spoken' },
  { name: 'over TCP: closes once it gave a relay', transport: 'tcp', mistake: { closes_after: 2 }, cause: 'turn_error', run_cause: 'ice_no_pair' },
  { name: 'over TCP: something before each answer', transport: 'tcp', mistake: { outgoing: (bytes) => [Buffer.from('220 ready\r\n'), bytes] }, cause: 'turn_not_spoken' },
];

function withAttribute(bytes, more) {
  return withLength(Buffer.concat([bytes, more]), bytes.length - 20 + more.length);
}
function withoutBody(bytes) {
  return withLength(bytes.subarray(0, 20), 0);
}
