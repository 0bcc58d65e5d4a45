// The other programs of a test, each a child that ends with it: `turnout serve`, `turnout run`,
// coturn. All on 127.0.0.1.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './wait.mjs';

const kTurnout = process.env.TURNOUT;

const folders = [], children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder() {
  folders.push(mkdtempSync(join(tmpdir(), 'turnout-browser-')));
  return folders.at(-1);
}

function start(program, words) {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.on('exit', () => children.delete(child));
  child.output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => (child.output += text));
  return child;
}

async function stop(child) {
  if (!children.has(child)) return;
  child.kill();
  await once(child, 'exit');
}

export class SignalingServer {
  static async start() {
    const child = start(kTurnout, ['serve', '--listen', '127.0.0.1:0']);
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

// `turnout run` of a scenario, on that server.
export class Run {
  static start(server, scenario) {
    const folder = temporaryFolder();
    const file = join(folder, 'scenario.json');
    writeFileSync(file, JSON.stringify(scenario));
    return new Run(join(folder, 'out'), [file, '--signaling', server.url]);
  }
  constructor(folder, words) {
    this.folder_ = folder;
    this.child_ = start(kTurnout, ['run', ...words, '--out', folder, '--quiet', '--no-color']);
    this.exit_ = once(this.child_, 'exit');
  }

  // So far.
  events(type) {
    try {
      const lines = readFileSync(join(this.folder_, 'events.jsonl'), 'utf8').split('\n');
      const events = lines.slice(0, -1).map((line) => JSON.parse(line)); // the last is not whole
      return events.filter((event) => event.type === type);
    } catch (error) {
      if (error.code === 'ENOENT') return []; // not begun
      throw error;
    }
  }
  eventually(type) {
    return until(`event ${type}`, () => this.events(type)[0], { describe: () => this.report });
  }
  async exitCode() {
    return (await this.exit_)[0];
  }
  get report() {
    return this.child_.output;
  }
  stop() {
    return stop(this.child_);
  }
}

async function freePort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

export class TurnServer {
  static async start() {
    const folder = temporaryFolder();
    const port = await freePort();
    const user = 'browser', password = 'not a secret of anybody';
    const file = join(folder, 'turnserver.conf');
    const lines = [
      'listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', `listening-port=${port}`,
      `userdb=${folder}/users.sqlite`, `log-file=${folder}/turn.log`, `pidfile=${folder}/turn.pid`,
      'realm=turnout.test', 'lt-cred-mech', `user=${user}:${password}`, 'simple-log',
      'allow-loopback-peers', 'no-cli', 'no-tls', 'no-dtls',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const child = start('turnserver', ['-c', file]);
    await until('coturn', () => accepts(port), { describe: () => child.output });
    const urls = `turn:127.0.0.1:${port}?transport=udp`;
    return new TurnServer(child, [{ urls, username: user, credential: password }]);
  }
  // ice_servers: as RTCConfiguration and scenarios have it.
  constructor(child, ice_servers) {
    this.child_ = child;
    this.ice_servers = ice_servers;
  }
  stop() {
    this.child_.kill('SIGKILL'); // it takes long to say goodbye, and holds nothing
  }
}
