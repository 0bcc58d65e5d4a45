// STUN and TURN servers, healthy and broken in many ways, seen by a browser and by turnout's run,
// probe and doctor: writes docs/TURN_FAULTS.md, and fails where turnout says healthy and a call of
// the browser fails, or the reverse, or where turnout does not name the planted fault. Run by run.sh
// in own_network.sh:
//   ./dev servers-check [PATTERN]    PATTERN: of the names of rows; then no document is written

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { startBrowser } from './browser.mjs';
import { askDoctor, askProbe, Run, temporaryFolder } from './programs.mjs';

const kDocument = fileURLToPath(new URL('../../docs/TURN_FAULTS.md', import.meta.url));
const kAtOnce = 2;
const kDoctorLimitSeconds = 12;
const kBrowserLimitMs = 45_000;
const kConnectLimitMs = 15_000;

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

// The servers live where servers do: behind the wire, without this end's firewall.
async function plantServers() {
  const program = fileURLToPath(new URL('plant_servers.mjs', import.meta.url));
  const child = spawn('ip', ['netns', 'exec', process.env.TURNOUT_SERVERS_NETNS, process.execPath, program],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout }))
    return { ...JSON.parse(line), stop: () => child.stdin.end() };
  throw new Error('no servers were planted');
}

// In the page: a call with this server, relayed candidates only, to an end that has none at all, the
// smallest that a user has: what is gathered, and whether it connects.
async function call({ server, gather_ms, connect_ms }) {
  let one;
  const errors = [], relays = [];
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  try {
    one = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: 'relay' });
  } catch (error) {
    return { errors: [{ code: null, text: `${error.name}: ${error.message}`, ms: 0 }], relays, state: 'refused', ms: 0 };
  }
  const other = new RTCPeerConnection();
  one.onicecandidateerror = ({ errorCode, errorText }) => errors.push({ code: errorCode, text: errorText, ms: ms() });
  one.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) relays.push({ ms: ms() });
    other.addIceCandidate(candidate ?? undefined).catch(() => {});
  };
  other.onicecandidate = ({ candidate }) => one.addIceCandidate(candidate ?? undefined).catch(() => {});
  one.createDataChannel('');
  await one.setLocalDescription();
  await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription();
  await one.setRemoteDescription(other.localDescription);
  const isOver = () => {
    if (['connected', 'failed'].includes(one.connectionState)) return true;
    if (relays.length > 0) return ms() > relays[0].ms + connect_ms;
    return (errors.length > 0 && one.iceGatheringState === 'complete') || ms() > gather_ms;
  };
  while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 50));
  const state = one.connectionState === 'connected' ? 'connected' : 'failed';
  (window.kept ??= []).push(one); // with its allocation
  other.close();
  return { errors, relays, state, ms: ms() };
}

// The same call of turnout's.
async function askRun({ server, ca, name }) {
  const entry = server.urls.startsWith('turns:') ? { ...server, tls: { ca_file: ca } } : server;
  const run = Run.start(null, {
    name: 'turn-fault',
    description: name,
    calls: { per_arm: 1, hold_ms: 500 },
    media: { audio: {}, video: null }, // sound tells as much, and costs less
    turn: [{ name: 'faulty', policy: 'relay', ice_servers: [entry], callee: { policy: 'all', ice_servers: [] } }],
    deadlines: { connect_ms: kConnectLimitMs },
  });
  await run.exitCode();
  const [outcome] = run.events('server_outcome').sort((a, b) => b.code - a.code);
  if (!outcome) return { code: null, text: run.report, is_lost: true, versions: {} };
  const { total, run: about } = run.summary;
  const refusal = run.events('permission_refused')[0];
  return { ...outcome, refusal, diagnosis: total.diagnoses[0] ?? null, is_lost: total.aborted > 0, versions: about.versions };
}

async function inTurn(things, at_once, work) {
  const results = [], waiting = [...things.entries()];
  const worker = async () => {
    for (let next; (next = waiting.shift()); ) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: at_once }, worker));
  return results;
}

const cell = (text) => String(text).replaceAll('|', '\\|').replace(/\0/g, '').replace(/((?:\d+\.){3}\d+|[a-z-]+\.test):\d+/g, '$1:PORT');
const outcomeText = (code, text) => (code === 0 ? 'relay' : `**${code}** ${cell(text)}`.trim());

function browserText({ errors, relays, state, ms }) {
  const gathered = relays.length > 0 ? 'relay' : errors.length > 0 ? outcomeText(errors[0].code, errors[0].text) : 'no error and no relay';
  return `${gathered}; ${state}, ${ms} ms`;
}
const runText = ({ code, text, fault, certificate, diagnosis }) =>
  `${outcomeText(code, text ?? (certificate ?? fault ?? '').replaceAll('_', ' '))}; ${diagnosis ? `\`${diagnosis.cause}\`` : 'connected'}`;

// Of a probe: what became of the last server of a chain.
function probeOf({ servers }) {
  const fault = servers.map((server) => server.fault).filter(Boolean).at(-1);
  return { cause: fault?.cause ?? null, text: fault?.text, remedy: fault?.remedy };
}

// Nothing to compare where the browser never says anything, or has a relay of a server that refuses peers.
function sameCode({ seen, ours }) {
  if (seen.relays.length > 0) return ours.code === 0;
  return seen.errors.length === 0 ? null : seen.errors[0].code === ours.code;
}

// What a busy machine does to turnout says nothing of a server.
const kOurs = ['host_overloaded', 'host_stalled', 'host_crashed'];
const isLost = ({ ours, doctor }) => ours.is_lost || kOurs.includes(ours.diagnosis?.cause) || kOurs.includes(doctor.cause);

function complaintsOf({ name, cause, run_cause, seen, ours, probe, doctor }) {
  if (isLost({ ours, doctor })) return [`${name}: not told, the machine is too busy: ${runText(ours)}; doctor: ${doctor.cause}`];
  const complaints = [], connects = seen.state === 'connected';
  if (connects !== (cause === null)) complaints.push(`the browser: ${browserText(seen)}`);
  if (connects !== (ours.diagnosis === null)) complaints.push(`the run, against the browser: ${runText(ours)}`);
  if (connects !== probe.passes) complaints.push(`the probe, against the browser: ${probe.passes ? 'passes' : probeOf(probe).text}`);
  if (connects !== doctor.healthy) complaints.push(`the doctor, against the browser: ${doctor.healthy ? 'healthy' : doctor.evidence}`);
  if ((ours.diagnosis?.cause ?? null) !== run_cause) complaints.push(`the run, expected ${run_cause}: ${runText(ours)}`);
  if (probeOf(probe).cause !== cause) complaints.push(`the probe, expected ${cause}: ${probeOf(probe).cause} ${probeOf(probe).text}`);
  if ((doctor.cause ?? null) !== cause) complaints.push(`the doctor, expected ${cause}: ${doctor.cause} ${doctor.evidence}`);
  if (sameCode({ seen, ours }) === false) complaints.push(`codes: browser ${browserText(seen)}, run ${runText(ours)}`);
  if (doctor.seconds > kDoctorLimitSeconds) complaints.push(`the doctor took ${doctor.seconds} s`);
  return complaints.map((complaint) => `${name}: ${complaint}`);
}

function rowText(row) {
  const same = sameCode(row);
  const cause = (found) => (found ? `\`${found}\`` : 'works');
  return `| ${row.name} | ${browserText(row.seen)} | ${runText(row.ours)} | ${same === null ? '-' : same ? 'yes' : 'no'} | ${cause(probeOf(row.probe).cause)} | ${cause(row.doctor.cause)}, ${row.doctor.seconds.toFixed(1)} s |`;
}

function documentText(rows, browser_version) {
  const { turnout, libnice, gstreamer, coturn } = rows.find(({ ours }) => ours.versions.turnout).ours.versions;
  const compared = rows.filter((row) => sameCode(row) !== null);
  const alike = (row) => (row.seen.state === 'connected') === (row.ours.diagnosis === null);
  const causes = new Map(rows.filter((row) => row.cause).map((row) => [row.cause, probeOf(row.probe).remedy]));
  return `# TURN faults: what a browser says, and what turnout says

Made by \`./dev servers-check\` on ${new Date().toISOString().slice(0, 10)}: ${rows.length} servers, ${rows.filter((row) => row.cause).length} of them with one fault each, stand in a
network namespace; headless Chromium, \`turnout run\`, \`turnout probe\` and \`turnout doctor\` ask them from another one, whose firewall
lets in answers only, as at home. Servers are real coturns (\`tests/browser/planted_faults.mjs\`) and, for what no coturn can be made
to do, a small one of our own with a mistake in it (\`fake_turn.mjs\`, \`fake_faults.mjs\`).

Chromium ${browser_version}; turnout ${turnout}, libnice ${libnice}, GStreamer ${gstreamer}; coturn ${coturn}.

Both make the same call: one end with relayed candidates only, the other without any server (\`scenarios/relay-to-plain.json\`).
Chromium: its first \`icecandidateerror\` (\`errorCode\`, \`errorText\`) or \`relay\`, and whether the call connected. Run: the
\`server_outcome\` of that URL and the call's [diagnosis](DIAGNOSIS.md). Probe and doctor: the cause that they name.

| server | Chromium | run | same code | probe | doctor |
|---|---|---|---|---|---|
${rows.map(rowText).join('\n')}

${rows.filter(alike).length} of ${rows.length} calls ended in turnout as in Chromium; of ${compared.length} codes ${compared.filter(sameCode).length} are the same.

Where they differ, and what turnout adds:

- Chromium gives every failure without a STUN answer the code 701, as turnout does; its text never says why. turnout's does:
  refused, a certificate and what is wrong with it, a name.
- Where no answer comes, Chromium repeats its request for some 40 s before it says so, and waits 30 s for a TLS handshake; libnice
  gives up after 2 s. A call that has no other server has failed for its user long before either.
- A 401 without realm and nonce leaves Chromium gathering for ever, without an error.
- A peer that is denied is no candidate error in either: the allocation was made. turnout sees the refused permission all the
  same (\`permission_refused\` in the event log); in the browser the connection fails without a word.
- A relay that nobody reaches is no error in a call: all that shows is that there is no pair. \`probe\` and \`doctor\` send to it from a
  plain socket, and say what is wrong with it.

## Remedies

| cause | what to do |
|---|---|
${[...causes].sort().map(([cause, remedy]) => `| \`${cause}\` | ${remedy} |`).join('\n')}
`;
}

const pattern = new RegExp(process.env.ROWS ?? '');
const { rows: all, authorities, stop } = await plantServers();
const rows = all.filter(({ name }) => pattern.test(name));
const browser = await startBrowser({ ...process.env, HOME: homeThatTrusts(authorities) });
const progress = (what) => async (row) => {
  const result = await what(row);
  process.stderr.write('.');
  return result;
};
try {
  const page = await (await browser.newContext()).newPage();
  const ask = (server) => page.evaluate(call, { server, gather_ms: kBrowserLimitMs, connect_ms: kConnectLimitMs });
  await Promise.all(rows.filter(({ holder }) => holder).map(({ server }) => ask(server)));
  const seen = await Promise.all(rows.map(({ server }) => ask(server)));
  const ours = await inTurn(rows, kAtOnce, progress(askRun));
  const probe = await inTurn(rows, kAtOnce, progress(askProbe));
  const doctor = await inTurn(rows, kAtOnce, progress(askDoctor));
  const whole = rows.map((row, i) => ({ ...row, seen: seen[i], ours: ours[i], probe: probe[i], doctor: doctor[i] }));
  const complaints = whole.flatMap(complaintsOf);
  const text = documentText(whole, browser.version());
  process.stderr.write('\n');
  if (process.env.ROWS) console.log(text);
  else writeFileSync(kDocument, text);
  console.log(`${rows.length} rows, ${complaints.length} complaints`);
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  stop();
}
process.exit();
