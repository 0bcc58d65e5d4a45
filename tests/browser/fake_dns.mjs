// A name server (RFC 1035) that knows the names of a test, and says of all others that there are none.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

const kA = 1, kAaaa = 28;

function bytesOf(address) {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [head, tail = ''] = address.split('::');
  const groups = (text) => (text ? text.split(':').map((group) => parseInt(group, 16)) : []);
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

// names: { 'host.test': ['192.0.2.1', '2001:db8::1'] }
export async function startNameServer(host, names) {
  const socket = createSocket('udp4').bind(53, host);
  await once(socket, 'listening');
  socket.on('message', (query, { address, port }) => {
    const labels = [];
    let at = 12;
    for (; query[at]; at += query[at] + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
    const question = query.subarray(12, at + 5), type = query.readUInt16BE(at + 1);
    const known = names[labels.join('.').toLowerCase()];
    const answers = (known ?? []).filter((one) => type === (isIPv6(one) ? kAaaa : kA)).map((one) => {
      const bytes = bytesOf(one);
      return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length]), bytes]);
    });
    const head = Buffer.from([query[0], query[1], 0x81, known ? 0x80 : 0x83, 0, 1, 0, answers.length, 0, 0, 0, 0]);
    socket.send(Buffer.concat([head, question, ...answers]), port, address);
  });
  return socket;
}
