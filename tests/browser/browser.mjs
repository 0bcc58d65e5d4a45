// Chromium with a made-up camera and microphone, and the page of `turnout serve` in it.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { until } from './wait.mjs';

const { CHROMIUM, PACKAGES } = process.env;
const { chromium } = createRequire(`${PACKAGES}/`)('playwright-core');

const kFlags = [
  '--headless=new',
  '--no-sandbox', // for root, as in a container
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // Otherwise Chromium gives no candidate of 127.0.0.1, and hides addresses behind mDNS names.
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--disable-background-networking',
];

export function startBrowser(env = process.env) {
  return chromium.launch({ executablePath: CHROMIUM, args: kFlags, env });
}

export class Browser {
  static async start() {
    return new Browser(await startBrowser());
  }
  constructor(chromium) {
    this.chromium_ = chromium;
  }
  get version() {
    return this.chromium_.version();
  }

  // A tab of its own. parameters: of the page's URL (docs/BROWSER.md); prepare: what is done to the
  // tab before it goes there.
  async open(server, parameters, prepare = undefined) {
    const context = await this.chromium_.newContext();
    const guest = new GuestPage(context, await context.newPage());
    await prepare?.(guest.page);
    await guest.goTo(server, parameters);
    return guest;
  }
  stop() {
    return this.chromium_.close();
  }
}

export class GuestPage {
  constructor(context, page) {
    this.context_ = context;
    this.page = page;
    this.complaints = []; // of scripts, and of the content security policy
    page.on('pageerror', (error) => this.complaints.push(`${error}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  async goTo(server, { ice, ...parameters }) {
    const url = new URL(server.url);
    url.search = new URLSearchParams(parameters);
    if (ice) url.hash = new URLSearchParams({ ice: JSON.stringify(ice) });
    await this.page.goto(url.href);
  }

  phase() {
    return this.page.evaluate(() => window.turnout?.phase);
  }
  stats() {
    return this.page.evaluate(() => window.turnout?.stats() ?? []);
  }

  async enters(phase) {
    await until(`phase ${phase}`, async () => (await this.phase()) === phase, {
      describe: () => this.log_(),
    });
  }

  // The only link, once it is connected.
  connected() {
    return until(
      'one connected link',
      async () => {
        const links = await this.stats();
        const up = links.length === 1 && links[0].states.connection.at(-1).state === 'connected';
        return up && links[0].pair && links[0];
      },
      { describe: () => this.log_() },
    );
  }

  // The only link, once picture and sound were seen and heard for a while, and went out as well.
  async media() {
    const before = await this.connected();
    return until(
      'media both ways',
      async () => {
        const [now] = await this.stats();
        if (!now) return undefined;
        const { received, sent } = now;
        const grew = (a, b) => a - b > 20;
        const flows =
          grew(received.video.frames_decoded, before.received.video.frames_decoded) &&
          grew(received.audio.packets, before.received.audio.packets) &&
          received.audio.energy > before.received.audio.energy &&
          grew(sent.video.packets, before.sent.video.packets) &&
          grew(sent.audio.packets, before.sent.audio.packets);
        return flows && now;
      },
      { describe: () => this.log_() },
    );
  }

  async close() {
    await this.context_.close();
    assert.deepEqual(this.complaints, []);
  }

  async log_() {
    const text = await this.page.evaluate(() => document.querySelector('.log')?.innerText);
    return `${text}\n${JSON.stringify(await this.stats())}`;
  }
}
