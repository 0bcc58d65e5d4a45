// Bots in calls with partners that others wrote: who offers x how the media goes x what happens in the
// call. One call for each row of the table; what happens follows each other in it.
//
// Usage: wall.mjs [--short] [--write FILE]
//   --short: directly alone, and no call with a partner that --short leaves out
//   --write: the table, as docs/INTEROP.md
//   PARTNERS, PATHS: regular expressions, for some of it

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { makeCertificate } from '../browser/certificates.mjs';
import { Run, SignalingServer, TurnServer } from '../browser/programs.mjs';
import { until } from '../browser/wait.mjs';
import { BrowserPartner, startChromium, startFirefox } from './browser_partner.mjs';
import { ProcessPartner } from './process_partner.mjs';

const { values: options } = parseArgs({ options: { short: { type: 'boolean' }, write: { type: 'string' } } });
const picked = (variable) => new RegExp(process.env[variable] ?? '.');
const kHere = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const kAtOnce = 3; // calls; most of the time they wait
const kToBegin = { limit_ms: 60_000 }; // browsers and bot hosts start slowly on a busy machine
const kHost = process.env.TURNOUT_TEST_HOST;

// --- the world ---

const certificate = makeCertificate(process.env.TURNOUT_TEST_NAME);
const [server, turn, chromium, firefox] = await Promise.all([
  SignalingServer.start(),
  TurnServer.start({ tls: true, lines: [`cert=${certificate.cert}`, `pkey=${certificate.key}`] }),
  startChromium(certificate.ca),
  startFirefox(certificate.ca),
]);

const packageVersion = (name) =>
  JSON.parse(readFileSync(join(process.env.PACKAGES, 'node_modules', name, 'package.json'), 'utf8')).version;
const onNode = (stack) => (place) => ProcessPartner.open('node', [join(kHere, 'node_partner.mjs'), stack], place);

// cannot: what a partner has not, by path or event, and why: no failure of the bot.
const kPartners = [
  {
    name: 'Chromium', version: await chromium.version(), open: (place) => BrowserPartner.open(chromium, place), is_short: true,
  },
  {
    name: 'Firefox', version: await firefox.version(), open: (place) => BrowserPartner.open(firefox, place), is_short: true,
  },
  {
    name: 'wrtc', version: `@roamhq/wrtc ${packageVersion('@roamhq/wrtc')} (libwebrtc)`, open: onNode('wrtc'), is_short: true,
    cannot: { tls: 'trusts the authorities that are compiled into it alone' },
  },
  {
    name: 'werift', version: `werift ${packageVersion('werift')}`, open: onNode('werift'),
  },
  {
    name: 'aiortc', is_short: true,
    version: `aiortc ${execFileSync('/usr/bin/python3', ['-c', 'import aiortc; print(aiortc.__version__)'], { encoding: 'utf8' }).trim()}`,
    open: (place) => ProcessPartner.open('/usr/bin/python3', [join(kHere, 'aiortc_partner.py')], place),
    cannot: { 'the partner restarts ICE': 'has no ICE restart' },
  },
];

const credentials = { username: TurnServer.user, credential: TurnServer.password };
const kPaths = {
  direct: undefined,
  udp: { urls: `turn:${kHost}:${turn.port}?transport=udp`, ...credentials },
  tcp: { urls: `turn:${kHost}:${turn.port}?transport=tcp`, ...credentials },
  tls: { urls: `turns:${process.env.TURNOUT_TEST_NAME}:${turn.tls_port}?transport=tcp`, ...credentials },
};
const kPathNames = { direct: 'direct', udp: 'TURN over UDP', tcp: 'TURN over TCP', tls: 'TURN over TLS' };

// --- one call ---

const kDrop = { do: 'network_drop', bot: 0 };
const kSteps = [
  { ...kDrop, of: 'media', for_ms: 2500, delay_ms: 8000 }, // the bot restarts ICE meanwhile
  { ...kDrop, for_ms: 5000, delay_ms: 5000 },
  { do: 'refresh', bot: 0, away_ms: 500, delay_ms: 5000 },
];

class Call {
  static async of(partner, offerer, path) {
    const call = new Call();
    const name = `${partner.name}-${offerer}`.toLowerCase(), room = `${name}-${path}-0`;
    const ice = kPaths[path] && [kPaths[path]];
    const enter = async () => {
      call.partner = await partner.open({ url: server.url, room, user: `${room}-guest-0`, ice, ca: certificate.ca });
    };
    if (offerer === 'bot') {
      await enter();
      await until('the partner to be in', () => call.partner.isIn(), { ...kToBegin, describe: () => call.partner.log() });
    }
    call.run = Run.start(server, {
      name, local_addresses: 'all', calls: { bots: 1, guests: 1, per_arm: 1, hold_ms: 20_000, kind: 'room' },
      turn: [ice ? { name: path, policy: 'relay', ice_servers: [{ ...ice[0], ...(path === 'tls' ? { tls: { ca_file: certificate.ca } } : {}) }] } : { name: path }],
      recovery: { silence_ms: 700 }, steps: kSteps, deadlines: { join_ms: 30_000, connect_ms: 60_000 },
    });
    if (offerer === 'partner') {
      await until('the bot to be in', () => call.run.events('bot_joined')[0], { ...kToBegin, describe: () => call.run.report });
      await enter();
    }
    return call;
  }

  event(what, is, limit_ms = 20_000) {
    return until(what, () => this.run.events().find(is), { limit_ms, describe: () => this.trouble_() });
  }
  count(is) {
    return this.run.events().filter(is).length;
  }
  // At both ends, over the bot's latest connection.
  async media() {
    const before = await this.partner.now();
    const grew = (now, key) => ['audio', 'video'].every((kind) => now[key]?.[kind] - (before[key]?.[kind] ?? 0) > 20 ||
      now[key]?.[kind] < before[key]?.[kind]); // another connection: the next look tells
    await until('media both ways', async () => {
      const now = await this.partner.now();
      return now.connected && grew(now, 'received') && grew(now, 'sent') && this.botHears_();
    }, { limit_ms: 25_000, describe: () => this.trouble_() });
  }
  botHears_() {
    const round = Math.max(...this.run.events('link_started').map((event) => event.round ?? 1));
    return ['audio', 'video'].every((kind) => {
      const news = this.run.events().filter((event) => event.kind === kind && (event.round ?? 1) === round &&
        ['media_started', 'media_stopped', 'media_resumed'].includes(event.type));
      return news.length > 0 && news.at(-1).type !== 'media_stopped';
    });
  }
  async trouble_() {
    const failed = this.run.events().filter(({ type }) => ['link_failed', 'recovery_failed', 'bot_failed'].includes(type));
    return [...failed.map(({ cause, detail }) => `${cause}: ${detail}`), JSON.stringify(await this.partner.now())].join('; ');
  }
  async stop() {
    await Promise.allSettled([this.run?.stop(), this.partner?.stop()]);
  }
}

const isDescription = (side, kind) => (event) => event.type === 'description_set' && event.side === side && event.sdp_type === kind;

// In the order in which they happen.
const kEvents = {
  connect: (call) => call.event('the call to connect', ({ type }) => type === 'link_connected', kToBegin.limit_ms),
  'media both ways': (call) => call.media(),
  'the partner restarts ICE': async (call) => {
    const offers = call.count(isDescription('remote', 'offer'));
    await call.partner.restart();
    await until('an offer of the partner', () => call.count(isDescription('remote', 'offer')) > offers, { limit_ms: 6000 });
    await call.media();
  },
  'the bot restarts ICE': async (call) => {
    const tried = await call.event('a restart', ({ type, rung }) => type === 'recovery_tried' && rung === 'ice_restart', 25_000);
    const back = await call.event('media to be back', ({ type, t_ns }) => type === 'link_recovered' && t_ns > tried.t_ns);
    await call.media();
    if (back.rung === 'recreate') return 'by recreate';
    // Old sockets may bring media back before the new ones are connected.
    const answer = await call.event('an answer to it', (event) => isDescription('remote', 'answer')(event) && event.t_ns > tried.t_ns);
    await call.event('ICE to connect anew', ({ type, machine, state, t_ns }) =>
      type === 'state_changed' && machine === 'ice' && ['connected', 'completed'].includes(state) && t_ns > answer.t_ns);
    return 'yes';
  },
  '5 s without network': async (call) => {
    await call.event('the network to be back', ({ type, step }) => type === 'step_over' && step === 1, 30_000);
    await call.media();
  },
  refresh: async (call) => {
    await call.event('the refresh', ({ type, step }) => type === 'step_over' && step === 2, 30_000);
    await call.media();
  },
  'nobody is blamed': (call) => {
    const faults = call.run.events('app_fault');
    if (faults.length > 0) throw new Error(faults.map(({ fault, detail }) => `${fault}: ${detail}`).join(', '));
  },
};

// By event: 'yes', or by what else it came about; 'no', 'cannot' or 'not reached'.
async function row(partner, offerer, path) {
  const cells = {}, troubles = [];
  const cannot = partner.cannot ?? {};
  if (cannot[path]) return { partner, offerer, path, cells: Object.fromEntries(Object.keys(kEvents).map((event) => [event, 'cannot'])), troubles };
  const began = Date.now();
  let call;
  try {
    call = await Call.of(partner, offerer, path);
    for (const [event, make] of Object.entries(kEvents)) {
      if (cannot[event]) cells[event] = 'cannot';
      else if (cells.connect === 'no' || cells['media both ways'] === 'no') cells[event] = 'not reached';
      else
        try {
          const seen = await make(call);
          cells[event] = typeof seen === 'string' ? seen : 'yes';
        } catch (error) {
          cells[event] = 'no';
          troubles.push(`${event}: ${error.message.replaceAll(/\s+/g, ' ').slice(0, 400)}`);
        }
    }
  } catch (error) {
    for (const event of Object.keys(kEvents)) cells[event] ??= 'no';
    troubles.push(error.message);
  } finally {
    await call?.stop();
  }
  const all = Object.values(cells).join(', ');
  console.log(`${partner.name}, ${offerer} offers, ${path}: ${all} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
  for (const trouble of troubles) console.log(`    ${trouble}`);
  if (process.env.STORY && troubles.length > 0) console.log(call?.run?.story());
  return { partner, offerer, path, cells, troubles };
}

// --- the table ---

function tableOf(partner, rows) {
  const events = Object.keys(kEvents);
  const lines = [`## ${partner.name}`, '', partner.version, '', `| first offer | path | ${events.join(' | ')} |`, `|---|---|${'---|'.repeat(events.length)}`];
  for (const { offerer, path, cells } of rows.filter((one) => one.partner === partner))
    lines.push(`| ${offerer} | ${kPathNames[path]} | ${events.map((event) => (cells[event] === 'no' ? '**no**' : cells[event])).join(' | ')} |`);
  for (const [what, why] of Object.entries(partner.cannot ?? {})) lines.push('', `*${kPathNames[what] ?? what}*: cannot, ${partner.name} ${why}.`);
  const troubles = rows.filter((one) => one.partner === partner).flatMap((one) => one.troubles.map((text) => `- ${one.offerer} offers, ${kPathNames[one.path]}: ${text}`));
  if (troubles.length > 0) lines.push('', 'What failed:', '', ...troubles);
  return lines.join('\n');
}

function document(rows, minutes) {
  const cells = rows.flatMap((one) => Object.values(one.cells));
  const count = (word) => cells.filter((cell) => cell === word).length;
  return `# Calls with partners that others wrote

Written by \`./dev interop\`: bots against browsers with default settings, and against WebRTC stacks, each in a room of our own signaling
server ([PROTOCOL.md](PROTOCOL.md)), in a network of its own. A row is one call; what the columns say happened in it one after the other.
${cells.length - count('no') - count('not reached') - count('cannot')} of ${cells.length} cells good, ${count('cannot')} not possible, ${count('no') + count('not reached')} failed; ${rows.length} calls in ${minutes} minutes.

| column | what has to be seen |
|---|---|
| connect | connected at the bot |
| media both ways | sound and picture go out and come in at the partner (browsers: decoded frames), and come in at the bot |
| the partner restarts ICE | its offer comes to the bot, and then media both ways |
| the bot restarts ICE | no media passes for 2.5 s; the bot offers a restart, which is answered; ICE connects anew (\`by recreate\`: the bot had to make a new connection), and then media both ways |
| 5 s without network | nothing passes, signaling neither; then media both ways, by whatever the bot did (policy \`ladder\`) |
| refresh | the bot's page is reloaded; it comes back and offers; then media both ways |
| nobody is blamed | the bot saw no mistake of the app in all that: no candidate that came twice, no signal that it cannot read |

Over TURN both ends use relays alone, of one coturn; aiortc has no such policy, and its end uses its own address, too.

${kPartners.filter((partner) => rows.some((one) => one.partner === partner)).map((partner) => tableOf(partner, rows)).join('\n\n')}
`;
}

// --- all of it ---

const began = Date.now();
const todo = kPartners
  .filter(({ name, is_short }) => picked('PARTNERS').test(name) && (is_short || !options.short))
  .flatMap((partner) => Object.keys(kPaths)
    .filter((path) => picked('PATHS').test(path) && (path === 'direct' || !options.short))
    .flatMap((path) => ['bot', 'partner'].map((offerer) => [partner, offerer, path])));
const rows = new Array(todo.length);
let next = 0;
await Promise.all(Array.from({ length: kAtOnce }, async () => {
  while (next < todo.length) {
    const mine = next++;
    rows[mine] = await row(...todo[mine]);
  }
}));
if (server.child_.exitCode !== null || server.child_.signalCode !== null) {
  console.log(`the signaling server died: ${server.child_.exitCode ?? server.child_.signalCode}\n${server.child_.output}`);
  process.exit(1);
}
await Promise.allSettled([chromium.close(), firefox.close(), server.stop()]);
turn.stop();
if (options.write) writeFileSync(options.write, document(rows, Math.ceil((Date.now() - began) / 60_000)));
const failed = rows.filter(({ cells }) => Object.values(cells).some((cell) => cell === 'no' || cell === 'not reached'));
console.log(`${rows.length - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length > 0 ? 1 : 0);
