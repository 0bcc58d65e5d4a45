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
const kAtOnce = 6; // most of them wait
const kMostArms = 64, kCallsPerSecond = 8;
const kDoctorLimitSeconds = 12;
const kBrowserLimitMs = 45_000;
const kConnectLimitMs = 8_000;
const kHoldMs = 1_500; // a call's
// Of RFC 8489: 6.2.1 sends a request over UDP seven times; 9.2.5 and RFC 8656 7.3 ask again after a
// challenge, a change of realm and some stale nonces, each time with a request of its own.
const kMostSent = 7, kMostAllocates = 5;

// A few of each kind that the browser judges soon: for every run of the tests (SHORT=1).
const kShort = [
  'none, over UDP', 'none, over TLS', 'sends to another server (300)', 'wrong password', 'quota reached', 'peer is denied',
  'external-ip of nobody', 'a lifetime of 0', 'name does not resolve', 'Allocate 500', 'each nonce is stale (438)', 'ChannelBind 400',
  'a web server on the TURN port', 'TLS: certificate expired', 'a name whose IPv6 address is dead',
];

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
    return { ...JSON.parse(line), isUp: () => child.exitCode === null, stop: () => child.stdin.end() };
  throw new Error('no servers were planted');
}

// What the servers were asked since the last time, by port (wire_count.py).
function watchWire() {
  const program = fileURLToPath(new URL('wire_count.py', import.meta.url));
  const child = spawn('ip', ['netns', 'exec', process.env.TURNOUT_SERVERS_NETNS, 'python3', program, 'wire1'],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    take: async () => {
      child.stdin.write('\n');
      return JSON.parse((await lines.next()).value);
    },
    stop: () => child.stdin.end(),
  };
}

// In the page: a call with this server, relayed candidates only, to an end that has none at all, the
// smallest that a user has: what is gathered, and whether it connects.
async function call({ server, gather_ms, connect_ms, hold_ms, talk_ms }) {
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
  const channel = one.createDataChannel('');
  other.ondatachannel = ({ channel: far }) => (far.onmessage = ({ data }) => far.send(data));
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
  const took = ms();
  // Connected is who can still talk a moment later.
  const canTalk = () =>
    new Promise((resolve) => {
      channel.onmessage = () => resolve(true);
      if (channel.readyState === 'open') channel.send('?');
      else channel.onopen = () => channel.send('?');
      setTimeout(() => resolve(false), talk_ms);
    });
  if (one.connectionState === 'connected') await new Promise((resolve) => setTimeout(resolve, hold_ms));
  const state = one.connectionState === 'connected' && (await canTalk()) ? 'connected' : 'failed';
  (window.kept ??= []).push(one); // with its allocation
  other.close();
  return { errors, relays, state, ms: took };
}

// The same calls of turnout's: one run, in which each server is an arm.
async function askRun(rows) {
  const run = Run.start(null, {
    name: 'turn-faults',
    calls: { per_arm: 1, hold_ms: kHoldMs },
    arrival: { rate_per_s: kCallsPerSecond, shape: 'even' },
    media: { audio: {}, video: null }, // sound tells as much, and costs less
    turn: rows.map(({ server, ca }, i) => {
      const entry = server.urls.startsWith('turns:') ? { ...server, tls: { ca_file: ca } } : server;
      return { name: `row-${i}`, policy: 'relay', ice_servers: [entry], callee: { policy: 'all', ice_servers: [] } };
    }),
    deadlines: { connect_ms: kConnectLimitMs },
    hosts: 1,
  });
  await run.exitCode();
  const { cells, run: about } = run.summary;
  const calls = new Map(run.plan.calls.map(({ id, turn }) => [id, turn]));
  const eventsOf = (type, i) => run.events(type).filter(({ call }) => calls.get(call) === `row-${i}`);
  return rows.map((_, i) => {
    const [outcome] = eventsOf('server_outcome', i).sort((x, y) => y.code - x.code);
    const { diagnoses, aborted, not_started } = cells[i];
    const told = { diagnosis: diagnoses[0] ?? null, is_lost: aborted + not_started > 0, versions: about.versions };
    return outcome ? { ...outcome, ...told } : { code: null, text: 'nothing was told', ...told, is_lost: true };
  });
}
// Of all rows, and of those that the machine was too busy for once more.
async function askRuns(rows) {
  const results = [];
  for (let i = 0; i < rows.length; i += kMostArms) results.push(...(await askRun(rows.slice(i, i + kMostArms))));
  const lost = rows.filter((_, i) => isLostRun(results[i]));
  const again = lost.length > 0 ? await askRun(lost.slice(0, kMostArms)) : [];
  again.forEach((result, i) => (results[rows.indexOf(lost[i])] = result));
  return results;
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
const isLostRun = (ours) => ours.is_lost || kOurs.includes(ours.diagnosis?.cause);
const isLost = ({ ours, doctor }) => isLostRun(ours) || doctor.healthy === null || kOurs.includes(doctor.cause);

function complaintsOf({ name, cause, run_cause, doctor_cause, seen, ours, probe, doctor, wire }) {
  if (isLost({ ours, doctor })) return [`${name}: not told, the machine is too busy: ${runText(ours)}; doctor: ${doctor.cause}`];
  const complaints = [], connects = seen.state === 'connected';
  if (connects !== (cause === null)) complaints.push(`the browser: ${browserText(seen)}`);
  if (connects !== (ours.diagnosis === null)) complaints.push(`the run, against the browser: ${runText(ours)}`);
  if (connects !== probe.passes) complaints.push(`the probe, against the browser: ${probe.passes ? 'passes' : probeOf(probe).text}`);
  if (connects !== doctor.healthy) complaints.push(`the doctor, against the browser: ${doctor.healthy ? 'healthy' : doctor.evidence}`);
  if ((ours.diagnosis?.cause ?? null) !== run_cause) complaints.push(`the run, expected ${run_cause}: ${runText(ours)}`);
  if (probeOf(probe).cause !== cause) complaints.push(`the probe, expected ${cause}: ${probeOf(probe).cause} ${probeOf(probe).text}`);
  if ((doctor.cause ?? null) !== doctor_cause) complaints.push(`the doctor, expected ${doctor_cause}: ${doctor.cause} ${doctor.evidence}`);
  if (sameCode({ seen, ours }) === false) complaints.push(`codes: browser ${browserText(seen)}, run ${runText(ours)}`);
  if (doctor.seconds > kDoctorLimitSeconds) complaints.push(`the doctor took ${doctor.seconds} s`);
  for (const [who, asked] of Object.entries(wire)) {
    if (who !== 'browser' && asked?.most_sent > kMostSent) complaints.push(`${who} sent a request ${asked.most_sent} times`);
    if (who !== 'browser' && asked?.most_allocates > kMostAllocates) complaints.push(`${who} asked ${asked.most_allocates} times for an allocation`);
  }
  return complaints.map((complaint) => `${name}: ${complaint}`);
}

const asked = (counts) => (counts ? counts.most_of_a_socket : '-');

function rowText(row) {
  const same = sameCode(row);
  const cause = (found) => (found ? `\`${found}\`` : 'works');
  return `| ${row.name} | ${browserText(row.seen)} | ${runText(row.ours)} | ${same === null ? '-' : same ? 'yes' : 'no'} | ${cause(probeOf(row.probe).cause)} | ${cause(row.doctor.cause)}, ${row.doctor.seconds.toFixed(1)} s | ${asked(row.wire.browser)}, ${asked(row.wire.run)} |`;
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
\`server_outcome\` of that URL and the call's [diagnosis](DIAGNOSIS.md). Probe and doctor: the cause that they name. Requests: how many
STUN and TURN requests one socket sent to the server, Chromium's and the run's, counted at the servers' end of the wire; - within TLS.

| server | Chromium | run | same code | probe | doctor | requests |
|---|---|---|---|---|---|---|
${rows.map(rowText).join('\n')}

${rows.filter(alike).length} of ${rows.length} calls ended in turnout as in Chromium; of ${compared.length} codes ${compared.filter(sameCode).length} are the same.

Where they differ, and what turnout adds:

- Chromium gives every failure without a STUN answer the code 701, as turnout does; its text never says why. turnout's does:
  refused, a certificate and what is wrong with it, a name.
- Where no answer comes, both repeat a request seven times, which takes Chromium 40 s (and 30 s for a TLS handshake); turnout says
  so when the call is over.
- An answer that Chromium does not take (not signed, incomplete, broken) is no error in it: it waits for another one, and some of
  these leave it gathering for ever. turnout tells what was wrong with the answer.
- Of a name with several addresses both ask the first of each family over UDP, and try the next over TCP and TLS.
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

const isShort = process.env.SHORT === '1', pattern = new RegExp(process.env.ROWS ?? '');
const { rows: all, authorities, isUp, stop } = await plantServers();
const rows = all.filter(({ name }) => (isShort ? kShort.includes(name) : pattern.test(name)));
const browser = await startBrowser({ ...process.env, HOME: homeThatTrusts(authorities) });
const wire = watchWire();
const portOf = ({ server }) => /:(\d+)(\?|$)/.exec(server.urls)[1];
const progress = (what) => async (row) => {
  const result = await what(row);
  process.stderr.write('.');
  return result;
};
// Of each row what `work` makes of it, and what the servers were asked meanwhile.
async function examine(work) {
  await wire.take();
  const results = await work();
  if (!isUp()) throw new Error('the servers are gone');
  const counts = await wire.take();
  return results.map((result, i) => ({ result, asked: counts[portOf(rows[i])] }));
}
// RESULTS=FOLDER: what was seen is kept there, as it comes.
function tell(name, results) {
  if (!process.env.RESULTS) return;
  const lines = results.map(({ result, asked }, i) => JSON.stringify({ name: rows[i].name, result, asked }));
  writeFileSync(join(process.env.RESULTS, `${name}.jsonl`), `${lines.join('\n')}\n`);
}
const inTurns = (what) => examine(() => inTurn(rows, kAtOnce, progress(what)));
try {
  const page = await (await browser.newContext()).newPage();
  const ask = (server) => page.evaluate(call, {
    server, gather_ms: kBrowserLimitMs, connect_ms: kConnectLimitMs, hold_ms: kHoldMs, talk_ms: 2_000,
  });
  await Promise.all(rows.filter(({ holder }) => holder).map(({ server }) => ask(server)));
  const seen = await examine(() => Promise.all(rows.map(({ server }) => ask(server))));
  tell('browser', seen);
  const ours = await examine(() => askRuns(rows));
  tell('run', ours);
  const probe = await inTurns(askProbe);
  tell('probe', probe);
  const doctor = await inTurns(askDoctor);
  tell('doctor', doctor);
  const whole = rows.map((row, i) => ({
    ...row, seen: seen[i].result, ours: ours[i].result, probe: probe[i].result, doctor: doctor[i].result,
    wire: { browser: seen[i].asked, run: ours[i].asked, probe: probe[i].asked, doctor: doctor[i].asked },
  }));
  // What the machine was too busy for, once more and one by one.
  for (const row of whole.filter(isLost)) row.doctor = await askDoctor(row);
  if (process.env.RESULTS) writeFileSync(join(process.env.RESULTS, 'rows.json'), JSON.stringify(whole));
  const complaints = whole.flatMap(complaintsOf);
  process.stderr.write('\n');
  if (!isShort && !process.env.ROWS) writeFileSync(kDocument, documentText(whole, browser.version()));
  else if (!isShort || complaints.length > 0) console.log(documentText(whole, browser.version()));
  console.log(`${rows.length} rows, ${complaints.length} complaints`);
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  wire.stop();
  stop();
}
process.exit();
