// Our signaling server as clients of others find it: the official one and python-socketio, by each
// transport, through nginx that keeps its connections, ends TLS and puts all below a path, and from pages of
// other origins.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { makeCertificate } from '../browser/certificates.mjs';
import { SignalingServer, freePort, start, stop, temporaryFolder } from '../browser/programs.mjs';
import { until } from '../browser/wait.mjs';
import { startChromium, startFirefox } from './browser_partner.mjs';

const need = createRequire(`${process.env.PACKAGES}/`);
const { io } = need('socket.io-client');
const certificate = makeCertificate('localhost');
const server = await SignalingServer.start();
const backend = new URL(server.url).host;

// --- nginx before it ---

const proxy = { folder: temporaryFolder(), port: await freePort(), tls_port: await freePort() };
writeFileSync(join(proxy.folder, 'nginx.conf'), `
user root; daemon off; master_process off; pid nginx.pid; error_log nginx.log; # it is no root here that could become another user
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream kept { server ${backend}; keepalive 8; }
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  proxy_http_version 1.1; proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
  server { listen 127.0.0.1:${proxy.port}; location / { proxy_pass http://kept; } }
  server {
    listen 127.0.0.1:${proxy.tls_port} ssl; ssl_certificate ${certificate.cert}; ssl_certificate_key ${certificate.key};
    location /rtc/ { proxy_pass http://kept/; }
  }
}`);
const nginx = start('/usr/sbin/nginx', ['-p', proxy.folder, '-c', 'nginx.conf', '-e', 'nginx.log']);
await until('nginx', () => fetch(`http://127.0.0.1:${proxy.port}/`).then(({ ok }) => ok, () => false), { describe: () => nginx.output });

const kPlaces = {
  directly: { url: server.url },
  'through nginx, which keeps its connections': { url: `http://127.0.0.1:${proxy.port}` },
  'below a path, over TLS that nginx ends': { url: `https://localhost:${proxy.tls_port}`, path: '/rtc/socket.io/' },
};
const kTransports = { polling: ['polling'], websocket: ['websocket'], 'polling, then the upgrade': ['polling', 'websocket'] };

after(async () => {
  await Promise.all([stop(nginx), server.stop()]);
});

describe('socket.io-client', () => {
  for (const [where, { url, path }] of Object.entries(kPlaces))
    for (const [how, transports] of Object.entries(kTransports))
      test(`${where}, by ${how}: a hundred events, each answered`, async (t) => {
        const socket = io(url, { path, transports, forceNew: true, reconnection: false, ca: readFileSync(certificate.ca) });
        t.after(() => socket.disconnect());
        const lost = [];
        socket.on('disconnect', (why) => lost.push(why));
        await new Promise((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
        for (let i = 0; i < 100; i++) assert.deepEqual(await socket.timeout(5000).emitWithAck('leave', {}), { ok: true });
        assert.equal(socket.io.engine.transport.name, transports.at(-1));
        assert.deepEqual(lost, []);
      });
});

describe('python-socketio', () => {
  const script = `
import asyncio, socketio, sys
async def main():
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(sys.argv[1], transports=sys.argv[2].split(','), wait_timeout=5)
    assert (await client.call('register', {'user': sys.argv[3]}, timeout=5))['ok']
    for _ in range(20):
        assert (await client.call('leave', {}, timeout=5))['ok']
    print(client.transport())
    await client.disconnect()
asyncio.run(main())`;
  for (const where of ['directly', 'through nginx, which keeps its connections'])
    for (const [how, transports] of Object.entries(kTransports))
      test(`${where}, by ${how}`, () => {
        const words = ['-c', script, kPlaces[where].url, transports, `python ${where} ${how}`.slice(0, 100)];
        const { status, stdout, stderr } = spawnSync('/usr/bin/python3', words, { encoding: 'utf8', timeout: 30_000 });
        assert.equal(status, 0, stderr);
        assert.equal(stdout.trim(), transports.at(-1));
      });
});

// A page of another origin, with the official client in it. Run there:
async function tryTransports([url, kTransports]) {
  const seen = {};
  for (const [how, transports] of Object.entries(kTransports))
    seen[how] = await new Promise((done) => {
      const socket = window.io(url, { transports, forceNew: true, reconnection: false, withCredentials: true });
      socket.on('connect_error', (error) => done(error.message));
      socket.on('connect', async () => {
        const answer = await socket.timeout(5000).emitWithAck('leave', {}).catch((error) => ({ error: error.message }));
        socket.disconnect();
        done(answer.ok ? 'answered' : answer.error);
      });
    });
  return seen;
}

describe('a page of another origin', async () => {
  const script = readFileSync(join(process.env.PACKAGES, 'node_modules/socket.io-client/dist/socket.io.min.js'));
  const app = createServer((request, response) =>
    request.url === '/io.js'
      ? response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
      : response.writeHead(200, { 'content-type': 'text/html' }).end('<script src=/io.js></script>'));
  await new Promise((listening) => app.listen(0, '127.0.0.1', listening));
  const { port } = app.address();
  const strict = await SignalingServer.start(['--origin', `http://localhost:${port}`]);
  after(async () => {
    app.close();
    app.closeAllConnections();
    await strict.stop();
  });
  for (const [name, startBrowser] of Object.entries({ Chromium: startChromium, Firefox: startFirefox }))
    test(`in ${name}: a listed one is let in with its credentials, another is not`, async (t) => {
      const browser = await startBrowser(certificate.ca);
      t.after(() => browser.close());
      const page = await browser.newPage();
      await page.goto(`http://localhost:${port}/`);
      const all = Object.keys(kTransports);
      assert.deepEqual(await page.evaluate(tryTransports, [strict.url, kTransports]), Object.fromEntries(all.map((how) => [how, 'answered'])));
      await page.goto(`http://127.0.0.1:${port}/`);
      const refused = await page.evaluate(tryTransports, [strict.url, kTransports]);
      for (const how of all) assert.match(refused[how], /error/, how);
    });
});
