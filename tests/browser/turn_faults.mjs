// The same TURN faults seen by a browser and by turnout: writes docs/TURN_FAULTS.md, and fails when
// turnout does not name a planted fault. Run by run.sh:
//   tests/browser/run.sh build/turnout build/tests/browser turn_faults.mjs

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startBrowser } from './browser.mjs';
import { makeCertificate, plantFaults } from './planted_faults.mjs';
import { askDoctor, Run, temporaryFolder } from './programs.mjs';

const kDocument = fileURLToPath(new URL('../../docs/TURN_FAULTS.md', import.meta.url));
const kRunsAtOnce = 2;
const kDoctorLimitSeconds = 10;
const kBrowserGathersMs = 45_000;

// A home in which the browser trusts these authorities.
function homeThatTrusts(authorities) {
  const home = temporaryFolder();
  const store = join(home, '.pki', 'nssdb');
  mkdirSync(store, { recursive: true });
  const certutil = (...words) => {
    const run = spawnSync('certutil', ['-d', `sql:${store}`, ...words], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`certutil of libnss3-tools: ${run.error ?? run.stderr}`);
  };
  certutil('-N', '--empty-password');
  authorities.forEach((file, i) => certutil('-A', '-n', `authority ${i}`, '-t', 'C,,', '-i', file));
  return home;
}

// In the page: gathers with one server, relay only; what the browser says of it.
async function gather({ server, limit_ms }) {
  const pc = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: 'relay' });
  const errors = [], relays = [];
  const done = new Promise((resolve) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
    setTimeout(resolve, limit_ms);
  });
  let began;
  const ms = () => Math.round(performance.now() - began);
  pc.onicecandidateerror = ({ errorCode, errorText }) =>
    errors.push({ code: errorCode, text: errorText, ms: ms() });
  pc.onicecandidate = ({ candidate }) => candidate?.candidate && relays.push({ ms: ms() });
  pc.createDataChannel('');
  const offer = await pc.createOffer();
  began = performance.now();
  await pc.setLocalDescription(offer);
  await done;
  (window.kept ??= []).push(pc); // with its allocation
  return { errors, relays, complete: pc.iceGatheringState === 'complete', ms: ms() };
}

// The same for a call between two of the page's connections: does ICE find a pair?
async function connect({ server }) {
  const config = { iceServers: [server], iceTransportPolicy: 'relay' };
  const [a, b] = [new RTCPeerConnection(config), new RTCPeerConnection(config)];
  a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate);
  a.createDataChannel('');
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
  const ended = () => ['connected', 'completed', 'failed'].includes(a.iceConnectionState);
  for (let i = 0; i < 450 && !ended(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  const state = a.iceConnectionState;
  a.close();
  b.close();
  return state;
}

async function askTurnout({ server, ca, name }) {
  const entry = server.urls.startsWith('turns:') ? { ...server, tls: { ca_file: ca } } : server;
  const run = Run.start(null, {
    name: 'turn-fault',
    description: name,
    calls: { per_arm: 1, hold_ms: 500 },
    turn: [{ name: 'faulty', policy: 'relay', ice_servers: [entry] }],
    deadlines: { connect_ms: 15_000 },
  });
  await run.exitCode();
  const outcomes = run.events('server_outcome').sort((a, b) => b.code - a.code);
  if (outcomes.length === 0) throw new Error(`${name}: no outcome\n${run.report}`);
  return { ...outcomes[0], diagnosis: run.summary.total.diagnoses[0] ?? null, versions: run.summary.run.versions };
}

async function inTurn(things, at_once, work) {
  const results = [], waiting = [...things.entries()];
  const worker = async () => {
    for (let next; (next = waiting.shift()); ) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: at_once }, worker));
  return results;
}

const cell = (text) => String(text).replaceAll('|', '\\|').replace(/127\.0\.0\.1:\d+|localhost:\d+/g, (at) => `${at.split(':')[0]}:PORT`);
const outcomeText = (code, text, ms) => (code === 0 ? `relay, ${ms} ms` : `**${code}** ${cell(text)}, ${ms} ms`);

function browserText({ errors, relays, complete, ms }) {
  const [error] = errors;
  if (error) return outcomeText(error.code, error.text, error.ms);
  if (relays.length > 0) return outcomeText(0, '', relays[0].ms);
  return complete ? `no error and no relay, ${ms} ms` : `nothing within ${ms} ms`;
}

function sameCode({ seen, ours }) {
  const theirs = seen.errors[0]?.code ?? (seen.relays.length > 0 ? 0 : null);
  return theirs === ours.code;
}

function rowText(row) {
  const ours = row.ours.diagnosis;
  return `| ${row.name} | ${browserText(row.seen)}${row.state ? `; ICE ${row.state}` : ''} | ${outcomeText(row.ours.code, row.ours.text ?? '', Math.round(row.ours.elapsed_ms))} | ${sameCode(row) ? 'yes' : 'no'} | ${ours ? `\`${ours.cause}\`` : 'connected'} | ${row.doctor.healthy ? 'healthy' : `\`${row.doctor.cause}\``}, ${row.doctor.seconds.toFixed(1)} s |`;
}

function documentText(rows, browser_version) {
  const { turnout, libnice, gstreamer, coturn } = rows[0].ours.versions;
  const faults = rows.filter((row) => row.cause);
  const same = faults.filter(sameCode).length;
  return `# TURN faults: what a browser says, and what turnout says

Made by \`./dev turn-faults\` on ${new Date().toISOString().slice(0, 10)}: each fault is planted on 127.0.0.1 with a real coturn where one
is needed (\`tests/browser/planted_faults.mjs\`), and asked by headless Chromium and by a relay-only call of turnout.

Chromium ${browser_version}; turnout ${turnout}, libnice ${libnice}, GStreamer ${gstreamer}; coturn ${coturn}.

Chromium: its first \`icecandidateerror\` (\`errorCode\`, \`errorText\`), or its first relay candidate; times since
\`setLocalDescription\`. turnout: the \`server_outcome\` of that URL from the call itself; times since gathering began. The
[diagnosis](DIAGNOSIS.md) is of the call. The first rows have no fault and prove that the comparison can tell.

| fault | Chromium | turnout | same code | diagnosis | doctor |
|---|---|---|---|---|---|
${rows.map(rowText).join('\n')}

Of ${faults.length} faults ${same} have the same code in both.

Where they differ, and in what turnout adds:

- Chromium gives every failure without a STUN answer the code 701, as turnout does; its text never says why. turnout's does:
  refused, a certificate and what is wrong with it, a name.
- Where no answer comes, Chromium repeats its request for some 40 s before it says so, and waits 30 s for a TLS handshake; libnice
  gives up after 2 s. A call that has no other server has failed for its user long before either.
- A peer that is denied is no candidate error in either: the allocation was made. turnout sees the refused permission all the
  same (\`permission_refused\` in the event log); in the browser the connection fails without a word.

The last column is what \`turnout doctor\` names as the one most likely reason, and how long it took.
`;
}

// What turnout and its doctor say against what was planted.
function complaintsOf({ name, cause, ours, doctor }) {
  const complaints = [];
  const named = ours.diagnosis?.cause ?? null;
  if (named !== cause) complaints.push(`turnout says ${named}: ${ours.code} ${ours.text}`);
  if ((doctor.cause ?? null) !== cause) complaints.push(`the doctor says ${doctor.cause}: ${doctor.evidence}`);
  if (doctor.seconds > kDoctorLimitSeconds) complaints.push(`the doctor took ${doctor.seconds} s`);
  return complaints.map((complaint) => `${name}: expected ${cause}, ${complaint}`);
}

const trusted = makeCertificate('localhost');
const { faults, trusted_by_all, stop } = await plantFaults(trusted);
const browser = await startBrowser({ ...process.env, HOME: homeThatTrusts(trusted_by_all) });
let complaints;
try {
  const page = await (await browser.newContext()).newPage();
  const ask = (server) => page.evaluate(gather, { server, limit_ms: kBrowserGathersMs });
  await Promise.all(faults.filter(({ holder }) => holder).map(({ server }) => ask(server)));
  const denied = faults.find(({ cause }) => cause === 'turn_forbidden_peer');
  const [state, ...seen] = await Promise.all([
    page.evaluate(connect, { server: denied.server }),
    ...faults.map(({ server }) => ask(server)),
  ]);
  const ours = await inTurn(faults, kRunsAtOnce, askTurnout);
  const doctor = await inTurn(faults, 1, askDoctor);
  const rows = faults.map((fault, i) => ({
    ...fault, seen: seen[i], ours: ours[i], doctor: doctor[i], state: fault === denied ? state : undefined,
  }));
  complaints = rows.flatMap(complaintsOf);
  writeFileSync(kDocument, documentText(rows, browser.version()));
} finally {
  await browser.close();
  stop();
}
console.log(`${kDocument}: ${faults.length} rows`);
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);
