// A small STUN and TURN server (RFC 8489, RFC 8656) for one user, over UDP, TCP and TLS,
// that works, and that makes one mistake where a test asks for it: what no real server can be made
// to do. A mistake is an object of hooks, see `kHooks`.

import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

// Where the servers of a test are: 127.0.0.1, or an address of a network of its own.
export const kHost = process.env.TURNOUT_TEST_HOST ?? '127.0.0.1';

const kMagic = Buffer.from([0x21, 0x12, 0xa4, 0x42]);
const kBinding = 1, kRefresh = 4, kSend = 6, kData = 7, kPermission = 8, kChannel = 9;
export const kAllocate = 3;
const kRequest = 0, kIndication = 1, kSuccess = 2, kError = 3;
const A = {
  mapped: 0x0001, username: 0x0006, integrity: 0x0008, error: 0x0009, channel: 0x000c,
  lifetime: 0x000d, peer: 0x0012, data: 0x0013, realm: 0x0014, nonce: 0x0015, relayed: 0x0016,
  xor_mapped: 0x0020, software: 0x8022, alternate: 0x8023,
};

const padded = (size) => (size + 3) & ~3;

export function attribute(type, value) {
  const bytes = Buffer.from(value), out = Buffer.alloc(4 + padded(bytes.length));
  out.writeUInt16BE(type, 0);
  out.writeUInt16BE(bytes.length, 2);
  bytes.copy(out, 4);
  return out;
}

const address4 = ({ address, port }) =>
  Buffer.from([0, 1, port >> 8, port & 255, ...address.split('.').map(Number)]);
function xored(endpoint) {
  const bytes = address4(endpoint);
  for (let i = 0; i < 2; i++) bytes[2 + i] ^= kMagic[i];
  for (let i = 0; i < 4; i++) bytes[4 + i] ^= kMagic[i];
  return bytes;
}
function unxored(bytes) {
  if (!bytes || bytes.length < 8 || bytes[1] !== 1) return undefined;
  const port = bytes.readUInt16BE(2) ^ kMagic.readUInt16BE(0);
  return { address: [...bytes.subarray(4, 8)].map((byte, i) => byte ^ kMagic[i]).join('.'), port };
}

export const errorOf = (code, reason = '') =>
  attribute(A.error, Buffer.concat([Buffer.from([0, 0, Math.floor(code / 100), code % 100]), Buffer.from(reason)]));
export const alternateServer = (endpoint) => attribute(A.alternate, address4(endpoint));

const typeOf = (method, kind) =>
  (method & 0xf) | ((method & 0x70) << 1) | ((kind & 1) << 4) | ((kind & 2) << 7);

function parse(bytes) {
  if (bytes.length < 20 || !bytes.subarray(4, 8).equals(kMagic)) return undefined;
  const type = bytes.readUInt16BE(0), attributes = new Map();
  for (let at = 20; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt16BE(at + 2);
    if (!attributes.has(bytes.readUInt16BE(at))) attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + size));
    at += 4 + padded(size);
  }
  return {
    kind: ((type >> 7) & 2) | ((type >> 4) & 1),
    method: (type & 0xf) | ((type >> 1) & 0x70),
    id: bytes.subarray(8, 20),
    has: (name) => attributes.has(A[name]),
    get: (name) => attributes.get(A[name]),
  };
}

function build(method, kind, id, parts, key) {
  const body = Buffer.concat(parts), head = (size) => {
    const out = Buffer.alloc(4);
    out.writeUInt16BE(typeOf(method, kind), 0);
    out.writeUInt16BE(size, 2);
    return Buffer.concat([out, kMagic, id]);
  };
  if (!key) return Buffer.concat([head(body.length), body]);
  const signed = Buffer.concat([head(body.length + 24), body]);
  return Buffer.concat([signed, attribute(A.integrity, createHmac('sha1', key).update(signed).digest())]);
}

// What a mistake may say, each in place of what the server would do. `request` is parsed; an answer
// is { code, reason, parts, key }: code 0 is success, `parts` more attributes, key null is unsigned.
// binding, challenge, allocate, permission, channel: (request, client) => answer, null for silence,
// undefined for the usual. relayed, mapped: (endpoint) => endpoint. from_peer, to_peer: () => whether
// data passes. source: an address that answers over UDP come from. delay_ms: before each answer.
// split: the bytes of answers on a stream are written one by one, not those of data. greeting: what a stream says first, then ends.
// outgoing: (bytes of an answer, its method) => what is written, a list of messages. half_close: the
// server's end of a stream, after the first answer. closes_after: so many answers, the whole stream.
// nonce: () => text.
const kLongestAnswer = 500;
const kHooks = ['binding', 'challenge', 'allocate', 'permission', 'channel', 'refresh', 'relayed', 'mapped',
  'from_peer', 'to_peer', 'source', 'delay_ms', 'split', 'greeting', 'realm', 'tls', 'outgoing', 'half_close',
  'closes_after', 'nonce'];

class Client {
  constructor(server, peer, write, is_stream) {
    Object.assign(this, { server, peer, write, is_stream, permitted: new Set(), channels: new Map(), answers: 0 });
  }

  async take(bytes) {
    const { mistake } = this.server;
    if ((bytes[0] & 0xc0) === 0x40) return this.relay(this.channels.get(bytes.readUInt16BE(0)), bytes.subarray(4, 4 + bytes.readUInt16BE(2)));
    const request = parse(bytes);
    if (!request) return;
    if (request.kind === kIndication) {
      if (request.method === kSend) this.relay(unxored(request.get('peer')), request.get('data'));
      return;
    }
    if (request.kind !== kRequest) return;
    this.server.requests++;
    const answer = await this.answerTo(request);
    if (!answer) return;
    if (mistake.delay_ms) await new Promise((resolve) => setTimeout(resolve, mistake.delay_ms));
    const { code = 0, reason = '', parts = [], key = null } = answer;
    const said = build(request.method, code ? kError : kSuccess, request.id, code ? [errorOf(code, reason), ...parts] : parts, key);
    for (const message of mistake.outgoing?.(said, request.method) ?? [said]) this.write(message);
    this.answers++;
  }

  async answerTo(request) {
    const { mistake } = this.server, key = this.server.key;
    const mapped = attribute(A.xor_mapped, xored((mistake.mapped ?? ((it) => it))(this.peer)));
    if (request.method === kBinding) {
      const said = mistake.binding?.(request, this);
      return said === undefined ? { parts: [mapped] } : said;
    }
    if (!request.has('nonce')) {
      const said = await mistake.challenge?.(request, this);
      if (said !== undefined) return said;
      return { code: 401, reason: 'Unauthorized', parts: this.server.challenge() };
    }
    const name = { [kAllocate]: 'allocate', [kRefresh]: 'refresh', [kPermission]: 'permission', [kChannel]: 'channel' }[request.method];
    const said = await mistake[name]?.(request, this);
    if (said !== undefined) return said && { key: said.code ? key : undefined, ...said };
    if (name === 'allocate') return this.allocate(mapped);
    if (name === 'refresh') return { parts: [attribute(A.lifetime, request.get('lifetime') ?? [0, 0, 2, 88])], key };
    const peer = unxored(request.get('peer'));
    if (!peer) return { code: 443, reason: 'Peer Address Family Mismatch', key };
    this.permitted.add(peer.address);
    if (name === 'channel') this.channels.set(request.get('channel').readUInt16BE(0), peer);
    return { key };
  }

  // parts: those that stay; made once, also for a request that is sent again.
  async allocate(mapped, { without = [], key = this.server.key, lifetime_s = 600, more = [] } = {}) {
    if (!this.socket) {
      this.socket = createSocket('udp4').bind(0, kHost);
      this.socket.unref();
      this.listening = once(this.socket, 'listening');
      this.socket.on('message', (data, { address, port }) => this.onPeer({ address, port }, data));
    }
    await this.listening; // also who asks again meanwhile
    const relayed = (this.server.mistake.relayed ?? ((it) => it))({ address: kHost, port: this.socket.address().port });
    const parts = { relayed: attribute(A.relayed, xored(relayed)), mapped, lifetime: attribute(A.lifetime, [0, 0, lifetime_s >> 8, lifetime_s & 255]) };
    for (const name of without) delete parts[name];
    return { parts: [...Object.values(parts), ...more], key };
  }

  relay(peer, data) {
    if (!peer?.port || !data || !this.socket || !this.permitted.has(peer.address)) return;
    if (this.server.mistake.to_peer?.(data) ?? true) this.socket.send(data, peer.port, peer.address);
  }

  onPeer(peer, data) {
    if (!this.permitted.has(peer.address) || !(this.server.mistake.from_peer?.(data) ?? true)) return;
    for (const [number, bound] of this.channels) {
      if (bound.address !== peer.address || bound.port !== peer.port) continue;
      const head = Buffer.alloc(4);
      head.writeUInt16BE(number, 0);
      head.writeUInt16BE(data.length, 2);
      const body = this.is_stream ? Buffer.concat([data, Buffer.alloc(padded(data.length) - data.length)]) : data;
      return this.write(Buffer.concat([head, body]));
    }
    this.write(build(kData, kIndication, randomBytes(12), [attribute(A.peer, xored(peer)), attribute(A.data, data)]));
  }
}

export class FakeTurn {
  static user = 'browser';
  static password = 'not a secret of anybody';

  static async start(mistake = {}) {
    for (const hook of Object.keys(mistake)) if (!kHooks.includes(hook)) throw new Error(`no such hook: ${hook}`);
    const server = new FakeTurn();
    Object.assign(server, { mistake, requests: 0, realm: mistake.realm ?? 'turnout.test', ends: [] });
    server.key = server.keyOf(server.realm);
    await server.listenUdp();
    await server.listenStream(createServer, server.port);
    if (mistake.tls) server.tls_port = await server.listenStream((options, take) => createTlsServer({ ...options, ...mistake.tls }, take), 0);
    return server;
  }

  keyOf(realm) {
    return createHash('md5').update(`${FakeTurn.user}:${realm}:${FakeTurn.password}`).digest();
  }
  challenge(realm = this.realm) {
    return [attribute(A.realm, realm), attribute(A.nonce, this.mistake.nonce?.() ?? randomBytes(8).toString('hex'))];
  }
  mapped({ address, port }) {
    return attribute(A.xor_mapped, xored({ address, port }));
  }

  async listenUdp() {
    const socket = createSocket('udp4').bind(0, kHost);
    await once(socket, 'listening');
    let other = socket;
    if (this.mistake.source) {
      other = createSocket('udp4').bind(0, this.mistake.source);
      await once(other, 'listening');
      other.unref();
    }
    const clients = new Map();
    socket.on('message', (bytes, { address, port }) => {
      const name = `${address}:${port}`;
      if (!clients.has(name)) clients.set(name, new Client(this, { address, port }, (out) => other.send(out, port, address), false));
      clients.get(name).take(bytes);
    });
    socket.unref();
    this.port = socket.address().port;
    this.ends.push(() => socket.close());
  }

  async listenStream(create, port) {
    const server = create({ allowHalfOpen: this.mistake.half_close ?? false }, (socket) => {
      socket.on('error', () => {});
      if (this.mistake.greeting !== undefined) return socket.end(this.mistake.greeting);
      const write = (out) => {
        if (!socket.writable) return;
        if (this.mistake.split && out.length < kLongestAnswer) for (const byte of out) socket.write(Buffer.from([byte]));
        else socket.write(out);
        if (this.mistake.half_close) socket.end();
        if (client.answers + 1 === this.mistake.closes_after) socket.end();
      };
      if (this.mistake.split) socket.setNoDelay(true);
      const client = new Client(this, { address: socket.remoteAddress, port: socket.remotePort }, write, true);
      let kept = Buffer.alloc(0);
      socket.on('data', (bytes) => {
        kept = Buffer.concat([kept, bytes]);
        for (;;) {
          if (kept.length < 4) return;
          const size = (kept[0] & 0xc0) === 0x40 ? 4 + padded(kept.readUInt16BE(2)) : 20 + kept.readUInt16BE(2);
          if (kept.length < size) return;
          client.take(kept.subarray(0, size));
          kept = kept.subarray(size);
        }
      });
    }).listen(port, kHost);
    server.on('tlsClientError', () => {});
    await once(server, 'listening');
    server.unref();
    this.ends.push(() => server.close());
    return server.address().port;
  }

  stop() {
    for (const end of this.ends) end();
  }
}
