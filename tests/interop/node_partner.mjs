// A partner on an npm WebRTC stack, after docs/PROTOCOL.md: registers, joins a room, offers to whoever
// is there. Every 200 ms a line of JSON with what it is at; {"do": "restart"} on standard input makes it
// restart ICE.
// Usage: node node_partner.mjs STACK URL ROOM USER; ICE: RTCIceServer JSON, then by relay only.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [stack, url, room, user] = process.argv.slice(2);
const need = createRequire(`${process.env.PACKAGES}/`);
const { io } = need('socket.io-client');
const { makePeer } = await import(`./${stack}_peer.mjs`);
const servers = JSON.parse(process.env.ICE ?? 'null');
const links = new Map(); // by socket id
const errors = [];

const socket = io(url, { transports: ['websocket'], reconnection: false });
const ask = (name, argument) => socket.timeout(5000).emitWithAck(name, argument);

// connection: its number, docs/PROTOCOL.md.
function open(id, connection = 1) {
  links.get(id)?.peer.close();
  const link = { id, connection, is_told: false, early: [], work: Promise.resolve() };
  const signal = (data) => socket.emit('signal', { to: id, data: { ...data, connection } });
  link.tell = (description) => {
    signal(description);
    link.is_told = true;
    for (const data of link.early.splice(0)) signal(data);
  };
  // Candidates go behind the description that they belong to.
  const onCandidate = (candidate) => (link.is_told ? signal({ candidate }) : link.early.push({ candidate }));
  link.peer = makePeer({ need, servers, onCandidate });
  links.set(id, link);
  return link;
}
function later(link, work) {
  link.work = link.work.then(work).catch((error) => errors.push(`${error.message ?? error}`));
}
async function take(link, data) {
  if (data.type) {
    const answer = await link.peer.take(data);
    if (answer) link.tell(answer);
  } else if ('candidate' in data) {
    await link.peer.addCandidate(data.candidate);
  }
}
const offerTo = (link, options) => later(link, async () => link.tell(await link.peer.offer(options)));

socket.on('peer-joined', ({ id }) => open(id));
socket.on('peer-left', ({ id }) => links.get(id)?.peer.close());
socket.on('peer-reconnected', ({ id, was }) => {
  links.get(was)?.peer.close();
  links.delete(was);
  open(id);
});
socket.on('signal', ({ from, data }) => {
  let link = links.get(from);
  if (!link) return;
  if (data.connection > link.connection && data.type === 'offer') link = open(from, data.connection);
  if ((data.connection ?? link.connection) === link.connection) later(link, () => take(link, data));
});
socket.on('connect_error', (error) => errors.push(error.message));
socket.on('connect', async () => {
  await ask('register', { user });
  const joined = await ask('join', { room, user });
  if (!joined.ok) errors.push(joined.error);
  for (const { id } of joined.peers ?? []) offerTo(open(id));
  console.log(JSON.stringify({ joined: joined.ok }));
});

createInterface({ input: process.stdin }).on('line', (line) => {
  const [link] = links.values();
  if (JSON.parse(line).do === 'restart') offerTo(link, { iceRestart: true });
});
process.stdin.on('end', () => process.exit(0));
setInterval(async () => {
  const [link] = [...links.values()].slice(-1);
  console.log(JSON.stringify({ now: { ...(await link?.peer.stats()), errors } }));
}, 200);
