// Browsers with default settings of WebRTC, on the page of `turnout serve`. Cameras are made up.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { temporaryFolder } from '../browser/programs.mjs';

const puppeteer = createRequire(`${process.env.PACKAGES}/`)('puppeteer-core');

const kChromiumFlags = [
  '--no-sandbox', // for root, as in a container
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
];
const kFirefoxPreferences = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
};

// An NSS database that trusts the authority.
function trustIn(folder, ca) {
  mkdirSync(folder, { recursive: true });
  for (const words of [['-N', '--empty-password'], ['-A', '-t', 'C,,', '-n', 'turnout test', '-i', ca]]) {
    const { status, stderr } = spawnSync('certutil', ['-d', `sql:${folder}`, ...words], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }
}

export async function startChromium(ca) {
  const home = temporaryFolder();
  trustIn(join(home, '.pki/nssdb'), ca);
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM, headless: true, args: kChromiumFlags, env: { ...process.env, HOME: home },
  });
}

export async function startFirefox(ca) {
  const profile = temporaryFolder();
  trustIn(profile, ca);
  return puppeteer.launch({
    browser: 'firefox', executablePath: process.env.FIREFOX, headless: true, userDataDir: profile,
    extraPrefsFirefox: kFirefoxPreferences, env: { ...process.env, HOME: profile },
  });
}

export class BrowserPartner {
  static async open(browser, { url, room, user, ice }) {
    const context = await browser.createBrowserContext();
    const partner = new BrowserPartner(context, await context.newPage());
    const address = new URL(url);
    address.search = new URLSearchParams({ kind: 'room', room, user, autostart: 1, ...(ice ? { policy: 'relay' } : {}) });
    if (ice) address.hash = new URLSearchParams({ ice: JSON.stringify(ice) });
    await partner.page_.goto(address.href);
    return partner;
  }
  constructor(context, page) {
    this.context_ = context;
    this.page_ = page;
  }

  async isIn() {
    return (await this.page_.evaluate(() => window.turnout?.phase)) === 'in room';
  }
  async now() {
    const link = await this.page_.evaluate(async () => (await window.turnout.stats()).at(-1));
    if (!link) return { connected: false };
    const { received, sent } = link;
    return {
      connected: link.states.connection.at(-1).state === 'connected',
      received: { audio: received.audio.packets, video: received.video.frames_decoded },
      sent: { audio: sent.audio.packets, video: sent.video.packets },
    };
  }
  restart() {
    return this.page_.evaluate(() => document.querySelector('.restart').click());
  }
  log() {
    return this.page_.evaluate(() => document.querySelector('.log')?.innerText.slice(-3000));
  }
  stop() {
    return this.context_.close();
  }
}
