// A browser and a bot: both ways of offering, directly and by TURN, seen from both ends.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Run } from './programs.mjs';
import { browser, server, turn } from './world.mjs';

const kClip = { width: 320, height: 240 }; // of the bot, by default

describe('a guest and a bot', () => {
  // One call of one bot and one guest.
  const scenario = (name, arm, calls) => ({
    name,
    calls: { bots: 1, guests: 1, per_arm: 1, hold_ms: 5000, ...calls },
    turn: [
      arm === 'relay'
        ? { name: arm, policy: 'relay', ice_servers: turn.ice_servers }
        : { name: arm },
    ],
    thresholds: { success_rate: ['rate>=1'] },
  });
  const guest = (arm, parameters) =>
    browser.open(server, {
      autostart: 1,
      ...parameters,
      ...(arm === 'relay' ? { policy: 'relay', ice: turn.ice_servers } : {}),
    });

  async function judge({ run, page, arm, guest_offers }) {
    const path = arm === 'relay' ? 'relay' : 'host';
    const link = await page.media();
    assert.equal(link.received.video.width, kClip.width);
    assert.equal(link.received.video.height, kClip.height);
    assert.equal(link.pair.local.type, path);
    assert.equal(link.pair.remote.address, '127.0.0.1');
    assert.equal(link.offers, guest_offers ?? link.offers);
    assert.ok(await run.isGood(), run.report);
    assert.equal(run.events('link_started')[0].offerer, !link.offers);
    assert.equal(run.events('link_connected').length, 1, run.report);
    const pair = run.events('pair_selected').at(-1);
    assert.equal(pair.local.type, path);
    // A check may come before the candidate that it belongs to (RFC 8445 7.3.1.3).
    assert.ok([path, 'prflx'].includes(pair.remote.type), JSON.stringify(pair));
    const reports = run.events('media_report');
    assert.deepEqual(reports.map(({ kind }) => kind).sort(), ['audio', 'video']);
    for (const report of reports) {
      assert.ok(report.received_packets > 50, JSON.stringify(report));
      assert.ok(report.sent_packets > 50, JSON.stringify(report));
    }
    await page.close();
  }

  for (const arm of ['direct', 'relay']) {
    test(`in a room, ${arm}: the guest was there, the bot offers`, async (t) => {
      const name = `first-${arm}`, room = `${name}-${arm}-0`;
      const page = await guest(arm, { kind: 'room', room, user: `${room}-guest-0` });
      await page.enters('in room');
      const run = Run.start(server, scenario(name, arm, { kind: 'room' }));
      t.after(() => run.stop());
      await judge({ run, page, arm, guest_offers: false });
    });

    test(`in a room, ${arm}: the bot was there, the guest offers`, async (t) => {
      const name = `later-${arm}`, room = `${name}-${arm}-0`;
      const run = Run.start(server, scenario(name, arm, { kind: 'room' }));
      t.after(() => run.stop());
      await run.eventually('bot_joined');
      const page = await guest(arm, { kind: 'room', room, user: `${room}-guest-0` });
      await judge({ run, page, arm, guest_offers: true });
    });

    for (const caller of ['bot', 'guest']) {
      test(`in a call, ${arm}: the ${caller} calls and offers`, async (t) => {
        const name = `${caller}-calls`, call = `${name}-${arm}-0`;
        const to = caller === 'guest' ? { to: `${call}-bot-0` } : {};
        const page = await guest(arm, { kind: 'call', user: `${call}-guest-0`, ...to });
        await page.enters('waiting');
        const run = Run.start(server, scenario(name, arm, { kind: 'call', caller }));
        t.after(() => run.stop());
        await judge({ run, page, arm, guest_offers: caller === 'guest' });
      });
    }
  }

  test('in a match: either offers', async (t) => {
    const name = 'match', arm = 'direct';
    const page = await guest(arm, { kind: 'match', pool: `${name}-${arm}`, user: 'seeker' });
    await page.enters('waiting');
    const run = Run.start(server, scenario(name, arm, { kind: 'match' }));
    t.after(() => run.stop());
    await judge({ run, page, arm });
  });
});
