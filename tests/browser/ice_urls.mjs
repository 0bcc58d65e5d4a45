// Which lists of ICE servers Chromium takes and which make RTCPeerConnection() throw, compared with
// what turnout makes of them: a list that a browser refuses must be an error here, and one that it
// takes must not. Run by run.sh.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startChromium } from './report_page.mjs';

const kUrls = JSON.parse(readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'ice_urls.json')));
const kLogin = { username: 'u', credential: 'p' };
const kLongest = 'u'.repeat(509);  // bytes of a user name
const kAtOnce = 50;  // servers in a list for turnout, which reads 64 URLs

// RTCIceServer dictionaries, beside their URLs.
const kServers = [
  { urls: 'turn:r.example', username: 7, credential: 'p' },
  { urls: 'turn:r.example', username: 'u', credential: 7.5 },
  { urls: 'turn:r.example', username: 'u', credential: true },
  { urls: 'turn:r.example', username: kLongest, credential: 'p' },
  { urls: 'turn:r.example', username: kLongest + 'u', credential: 'p' },
  { urls: 'turn:r.example', username: 'u', credential: '' },
  { urls: 'turn:r.example', username: '', credential: 'p' },
  { urls: 'turn:r.example', username: 'u' },
  { urls: 'turn:r.example', credential: 'p' },
  { urls: 'turn:r.example' },
  { urls: 'turn:r.example', ...kLogin, credentialType: 'token' },
  { urls: 'stun:r.example', credentialType: 'oauth' },
  { urls: 'stun:r.example', username: 5, credential: 6 },
  { urls: 'stun:r.example', username: '', credential: '' },
  { urls: ['turn:r.example', 'turn:q.example?transport=tcp'], ...kLogin },
  { urls: ['turn:r.example', 'http://r.example'], ...kLogin },
  { urls: ['turn:r.example', 7], ...kLogin },
  { urls: [] },
  { urls: 7 },
  { urls: null },
  { url: 'stun:r.example' },
  {},
  7,
  null,
];

const folder = mkdtempSync(join(tmpdir(), 'turnout-ice-urls-'));
const browser = await startChromium();
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

// Of each list: why Chromium throws for it, or null.
async function chromiumOn(lists) {
  const page = await browser.newPage();
  await page.goto('about:blank');
  return page.evaluate((all) => all.map((iceServers) => {
    try {
      new RTCPeerConnection({ iceServers }).close();
      return null;
    } catch (error) {
      return String(error);
    }
  }), lists);
}

// Of each list, which holds one server: the errors that turnout finds in it, or null. Many at a
// time in one file, of which a finding names the place.
function turnoutOn(lists) {
  const file = join(folder, 'servers.json');
  const found = [];
  for (let first = 0; first < lists.length; first += kAtOnce) {
    const some = lists.slice(first, first + kAtOnce).map(([server]) => server);
    writeFileSync(file, JSON.stringify(some));
    const run = spawnSync(process.env.TURNOUT, ['servers', '--servers', file, '--json'],
      { encoding: 'utf8', env: { PATH: process.env.PATH } });
    assert.ok(run.stdout, `turnout servers: ${run.error ?? run.stderr}`);
    const { findings } = JSON.parse(run.stdout);
    some.forEach((_, i) => {
      const errors = findings.filter((finding) => finding.severity === 'error'
        && finding.where.includes(`: [${i}]`));
      found.push(errors.length ? errors.map((error) => error.what).join('; ') : null);
    });
  }
  return found;
}

async function differencesOf(lists) {
  const [theirs, ours] = [await chromiumOn(lists), turnoutOn(lists)];
  return lists.flatMap((list, i) => (!theirs[i] === !ours[i] ? []
    : [`${JSON.stringify(list)}: Chromium ${theirs[i] ?? 'takes it'}, turnout ${ours[i] ?? 'takes it'}`]));
}

test('a URL is taken or refused as Chromium does', async () => {
  assert.deepEqual(await differencesOf(kUrls.map((urls) => [{ urls, ...kLogin }])), []);
});

test('a server is taken or refused as Chromium does', async () => {
  assert.deepEqual(await differencesOf(kServers.map((server) => [server])), []);
});
