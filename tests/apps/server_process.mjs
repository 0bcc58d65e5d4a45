// The servers of servers/, each a child that ends with its parent; and `turnout dialect learn`.

import { spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const children = new Set();
process.on('exit', stopServers);

// Its origin, "http://127.0.0.1:PORT", once it listens; `child.output`: what it said, its last words included.
export async function startServer(name, environment = {}) {
  const file = fileURLToPath(new URL(`servers/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  children.add(child);
  child.on('exit', () => children.delete(child));
  child.output = '';
  const origin = await new Promise((resolve, reject) => {
    const look = (text) => {
      child.output += text;
      const said = /listening on (\S+)/.exec(child.output);
      if (said) resolve(said[1]);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code}: ${child.output}`)));
  });
  return { origin, child };
}

export function stopServers() {
  for (const child of children) child.kill('SIGKILL');
}

// The text of a draft that is a dialect as it stands; throws if it is none.
export function learnDialect(files) {
  const learned = spawnSync(process.env.TURNOUT, ['dialect', 'learn', ...files], { encoding: 'utf8' });
  if (learned.status !== 0) throw new Error(`${learned.stdout}${learned.stderr}`);
  return learned.stdout;
}

// In front of a server, which through it never learns that a client has gone: a phone without network, a laptop
// that was closed. Its origin.
export async function startDeafeningProxy(origin) {
  const { port, hostname } = new URL(origin);
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) socket.on('error', () => {});
    server.pipe(client);
    client.on('data', (data) => server.write(data)); // and its end is kept back
    server.on('close', () => client.destroy());
  });
  proxy.unref();
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${proxy.address().port}`;
}
