// How long a call takes over a TURN server that is far away: Chromium's, and turnout's with each
// profile, over the same server and the same roads, in turns. Prints a table of medians, as ratios to
// Chromium's in the same run; judges nothing. Run by run.sh:
//   ./dev slow-paths [MS ...]    MS: round trip times [20 to 1,500]

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import { startBrowser } from './browser.mjs';
import { Run, TurnServer } from './programs.mjs';

const kRoundTripsMs = [20, 100, 250, 500, 750, 1000, 1500];
const kCalls = 5;
const kProfiles = ['fast', 'browser'];
const kLimitMs = 30_000;

// A port of 127.0.0.1 that passes datagrams on to another one, and answers back, after half a round
// trip each.
async function makeRoad(rtt_ms, port) {
  const front = createSocket('udp4').bind(0, '127.0.0.1');
  await once(front, 'listening');
  const legs = new Map();
  let is_open = true;
  const later = (send) => setTimeout(() => is_open && send(), rtt_ms / 2);
  const legOf = ({ address, port: from }) => {
    const leg = createSocket('udp4');
    leg.on('message', (data) => later(() => front.send(data, from, address)));
    return leg;
  };
  front.on('message', (data, source) => {
    const key = `${source.address}:${source.port}`;
    if (!legs.has(key)) legs.set(key, legOf(source));
    later(() => legs.get(key).send(data, port, '127.0.0.1'));
  });
  const close = () => {
    is_open = false;
    for (const socket of [front, ...legs.values()]) socket.close();
  };
  return { port: front.address().port, close };
}

// In the page: two ends, relayed candidates only, from the first description to connected at both.
async function call({ servers, limit_ms }) {
  const ends = [0, 1].map(() => new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: 'relay' }));
  const [one, other] = ends;
  one.onicecandidate = ({ candidate }) => other.addIceCandidate(candidate ?? undefined).catch(() => {});
  other.onicecandidate = ({ candidate }) => one.addIceCandidate(candidate ?? undefined).catch(() => {});
  const media = await navigator.mediaDevices.getUserMedia({ audio: true });
  for (const end of ends) for (const track of media.getTracks()) end.addTrack(track, media);
  const began = performance.now();
  await one.setLocalDescription();
  await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription();
  await one.setRemoteDescription(other.localDescription);
  while (ends.some(({ connectionState }) => connectionState !== 'connected') && performance.now() - began < limit_ms)
    await new Promise((resolve) => setTimeout(resolve, 2));
  const took = performance.now() - began;
  for (const end of ends) end.close();
  return took < limit_ms ? took : null;
}

const median = (values) => {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  return sorted.length * 2 > values.length ? sorted[Math.floor((sorted.length - 1) / 2)] : null;
};

async function ofBrowser(page, servers) {
  const times = [];
  for (let i = 0; i < kCalls; i++) times.push(await page.evaluate(call, { servers, limit_ms: kLimitMs }));
  return median(times);
}

async function ofTurnout(profile, ice_servers) {
  const run = Run.start(null, {
    name: 'slow-path', profile,
    calls: { per_arm: kCalls, hold_ms: 100 },
    arrival: { rate_per_s: 1, shape: 'even' },
    media: { audio: {}, video: null },
    turn: [{ name: 'far', policy: 'relay', ice_servers }],
    deadlines: { connect_ms: kLimitMs },
    hosts: 1,
  });
  await run.exitCode();
  return run.summary.cells[0].connect_time_ms?.p50 ?? null;
}

const turn = await TurnServer.start();
const browser = await startBrowser();
const page = await (await browser.newContext({ permissions: ['microphone'] })).newPage();
await page.goto('chrome://version');
const text = (ms) => (ms === null ? 'never' : `${Math.round(ms)} ms`);
console.log(`Chromium ${browser.version()}, ${kCalls} calls each, medians`);
const wanted = process.env.ROWS ? process.env.ROWS.split(' ').map(Number) : kRoundTripsMs;
for (const rtt_ms of wanted) {
  const road = await makeRoad(rtt_ms, turn.port);
  const servers = turn.ice_servers.map((server) => ({ ...server, urls: `turn:127.0.0.1:${road.port}?transport=udp` }));
  const theirs = await ofBrowser(page, servers);
  const words = [`RTT ${rtt_ms} ms: Chromium ${text(theirs)}`];
  for (const profile of kProfiles) {
    const ours = await ofTurnout(profile, servers);
    words.push(`${profile} ${text(ours)}${ours && theirs ? ` (${(ours / theirs).toFixed(2)} x)` : ''}`);
  }
  console.log(words.join(', '));
  road.close();
}
await Promise.all([browser.close(), turn.stop()]);
process.exit(0);
