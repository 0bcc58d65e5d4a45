// The other programs of a test, each a child that ends with it: `turnout serve`, `turnout run`,
// coturn. All on 127.0.0.1.

import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './wait.mjs';

const kTurnout = process.env.TURNOUT;
// Where TURN servers are: 127.0.0.1, or an address of own_network.sh.
const kHost = process.env.TURNOUT_TEST_HOST ?? '127.0.0.1';

const folders = [], children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder() {
  folders.push(mkdtempSync(join(tmpdir(), 'turnout-browser-')));
  return folders.at(-1);
}

export function start(program, words) {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.on('exit', () => children.delete(child));
  child.output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => (child.output += text));
  return child;
}

export async function stop(child) {
  if (!children.has(child)) return;
  child.kill();
  await once(child, 'exit');
}

export class SignalingServer {
  static async start(words = []) {
    const child = start(kTurnout, ['serve', '--listen', '127.0.0.1:0', ...words]);
    const [, url] = await until('an address', () => /signaling at (\S+),/.exec(child.output), {
      describe: () => child.output,
    });
    return new SignalingServer(child, url);
  }
  constructor(child, url) {
    this.child_ = child;
    this.url = url;
  }
  stop() {
    return stop(this.child_);
  }
}

// `turnout run` of a scenario, on that signaling server or, without one, its own.
export class Run {
  static start(server, scenario) {
    const folder = temporaryFolder();
    const file = join(folder, 'scenario.json');
    // A browser that calls bots is told to have candidates of 127.0.0.1: no packet of a test leaves the machine.
    const bound = scenario.calls?.guests ? { local_addresses: ['127.0.0.1'] } : {};
    writeFileSync(file, JSON.stringify({ ...bound, ...scenario }));
    return new Run(join(folder, 'out'), [file, ...(server ? ['--signaling', server.url] : [])]);
  }
  constructor(folder, words) {
    this.folder_ = folder;
    this.child_ = start(kTurnout, ['run', ...words, '--out', folder, '--quiet', '--no-color']);
    this.exit_ = once(this.child_, 'exit');
  }

  // What the bots went through, but for candidates.
  story() {
    const of_bots = this.events().filter(({ type, bot }) => bot >= 0 && type !== 'candidate_seen');
    return of_bots.map((event) => JSON.stringify(event)).join('\n');
  }
  // So far; without a type all.
  events(type = undefined) {
    try {
      const lines = readFileSync(join(this.folder_, 'events.jsonl'), 'utf8').split('\n');
      const events = lines.slice(0, -1).map((line) => JSON.parse(line)); // the last is not whole
      return type ? events.filter((event) => event.type === type) : events;
    } catch (error) {
      if (error.code === 'ENOENT') return []; // not begun
      throw error;
    }
  }
  eventually(type) {
    return until(`event ${type}`, () => this.events(type)[0], { describe: () => this.report });
  }
  // Once it has ended.
  get summary() {
    return JSON.parse(readFileSync(join(this.folder_, 'summary.json'), 'utf8'));
  }
  get plan() {
    return JSON.parse(readFileSync(join(this.folder_, 'plan.json'), 'utf8'));
  }
  async exitCode() {
    return (await this.exit_)[0];
  }
  // Once it has ended: its calls are good, or the machine was too busy for them to count. What happened in them
  // is in the events all the same.
  async isGood() {
    const code = await this.exitCode();
    return code === 0 || (code === 98 && this.summary.total.aborted > 0);
  }
  get report() {
    return this.child_.output;
  }
  stop() {
    return stop(this.child_);
  }
}

export async function freePort() {
  const socket = createSocket('udp4').bind(0, kHost);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, kHost, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

// What `turnout probe` and `turnout doctor` say of a server, and how long it took.
async function ask(command, { server, ca }, words) {
  const folder = temporaryFolder(), file = join(folder, 'servers.json');
  writeFileSync(file, JSON.stringify([server]), { mode: 0o600 });
  const began = Date.now();
  const child = start(kTurnout, [command, '--servers', file, ...(ca ? ['--ca', ca] : []), ...words]);
  const [code] = await once(child, 'close');
  const text = child.output.slice(Math.max(0, child.output.indexOf('{')));
  try {
    return { ...JSON.parse(text), exit_code: code, seconds: (Date.now() - began) / 1000 };
  } catch {
    return { cause: `unreadable: ${child.output}`, healthy: null, passes: null, servers: [], seconds: 0 };
  }
}
export const askDoctor = (row) => ask('doctor', row, ['--json']);
export const askProbe = (row) => ask('probe', row, ['--json', '-']);

export class TurnServer {
  static user = 'browser';
  static password = 'not a secret of anybody';

  // secret: of TURN REST, in place of the user; lines: more of turnserver.conf.
  static async start({ lines = [], tls = false, loopback_peers = true, secret, relay_ip = kHost } = {}) {
    const folder = temporaryFolder();
    const [port, tls_port] = [await freePort(), await freePort()];
    const file = join(folder, 'turnserver.conf');
    const text = [
      `listening-ip=${kHost}`, `relay-ip=${relay_ip}`, `listening-port=${port}`,
      `userdb=${folder}/users.sqlite`, `log-file=${folder}/turn.log`, `pidfile=${folder}/turn.pid`,
      'realm=turnout.test', 'simple-log', 'no-cli', 'no-dtls',
      ...(lines.includes('no-auth') ? [] : secret ? ['use-auth-secret', `static-auth-secret=${secret}`]
        : ['lt-cred-mech', `user=${TurnServer.user}:${TurnServer.password}`]),
      ...(tls ? [`tls-listening-port=${tls_port}`] : ['no-tls']),
      ...(loopback_peers ? ['allow-loopback-peers'] : []),
      ...lines,
    ];
    writeFileSync(file, `${text.join('\n')}\n`);
    const child = start('turnserver', ['-c', file]);
    await until('coturn', () => accepts(tls ? tls_port : port), { describe: () => child.output });
    return Object.assign(new TurnServer(child), { port, tls_port, secret_: secret });
  }
  static async startWithOneRelayPort() {
    const port = await freePort();
    return TurnServer.start({ lines: [`min-port=${port}`, `max-port=${port}`] });
  }
  constructor(child) {
    this.child_ = child;
  }
  // As RTCConfiguration and scenarios have it.
  get ice_servers() {
    const urls = `turn:${kHost}:${this.port}?transport=udp`;
    return [{ urls, username: TurnServer.user, credential: TurnServer.password }];
  }
  // Valid until that Unix time.
  restCredential(expiry) {
    const username = `${expiry}:${TurnServer.user}`;
    const credential = createHmac('sha1', this.secret_).update(username).digest('base64');
    return { username, credential };
  }
  stop() {
    this.child_.kill('SIGKILL'); // it takes long to say goodbye, and holds nothing
  }
}
