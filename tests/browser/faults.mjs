// What happens to people, with a browser at the other end: reloads, a network that is gone for a
// while, another network, a lost socket. Either end may be hit, in every kind of call.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Run } from './programs.mjs';
import { browser, server, turn } from './world.mjs';

describe('a guest and a bot that something happens to', () => {
  const scenario = (name, kind, steps, arm = { name: 'direct' }) => ({
    name,
    calls: { kind, bots: 1, guests: 1, per_arm: 1, hold_ms: 1000 },
    turn: [arm],
    steps: steps.map((step) => ({ bot: 0, delay_ms: 500, ...step })),
    deadlines: { recover_ms: 20_000 },
    thresholds: { success_rate: ['rate>=1'], recovery_rate: ['rate>=1'] },
  });

  // Where the guest goes, by the names that docs/BROWSER.md promises.
  const place = (name, kind) => {
    const call = `${name}-direct-0`;
    if (kind === 'room') return { kind, room: call, user: `${call}-guest-0` };
    if (kind === 'call') return { kind, user: `${call}-guest-0` };
    return { kind, pool: `${name}-direct`, user: `${name}-seeker` };
  };

  async function together(t, name, kind, steps, parameters = {}, arm = undefined) {
    const page = await browser.open(server, { autostart: 1, ...place(name, kind), ...parameters });
    await page.enters(kind === 'room' ? 'in room' : 'waiting');
    const run = Run.start(server, scenario(name, kind, steps, arm));
    t.after(() => run.stop());
    return { page, run };
  }

  async function judge({ page, run }) {
    assert.ok(await run.isGood(), run.report);
    await page.close();
  }

  for (const kind of ['room', 'call', 'match']) {
    test(`in a ${kind}: the bot is without network for 5 s, and media comes back`, async (t) => {
      const drop = { do: 'network_drop', for_ms: 5000 };
      const both = await together(t, `drop-${kind}`, kind, [drop]);
      await judge(both);
      assert.ok(both.run.events('link_recovered').length > 0, both.run.report);
    });

    test(`in a ${kind}: the bot's page is refreshed, and both meet again`, async (t) => {
      const both = await together(t, `refresh-${kind}`, kind, [{ do: 'refresh', away_ms: 500 }]);
      await judge(both);
      assert.equal(both.run.events('link_recovered')[0].rung, 'rejoin');
    });
  }

  test('a drop of 9 s through TURN, which a restart of ICE has to end', async (t) => {
    const relay = { policy: 'relay', ice_servers: turn.ice_servers };
    const drop = { do: 'network_drop', for_ms: 9000 };
    const parameters = { policy: 'relay', ice: turn.ice_servers };
    const arm = { name: 'direct', ...relay };
    const both = await together(t, 'long-drop', 'room', [drop], parameters, arm);
    await judge(both);
    assert.ok(both.run.events('recovery_tried').length > 0, both.run.report);
  });

  test('a peer connection made anew by the bot is taken by the page', async (t) => {
    const name = 'recreate', kind = 'room';
    const page = await browser.open(server, { autostart: 1, ...place(name, kind) });
    await page.enters('in room');
    const drop = { do: 'network_drop', for_ms: 7000 };
    const run = Run.start(server, {
      ...scenario(name, kind, [drop]),
      media: { audio: {}, video: null }, // less than the page has to send
      recovery: { policy: 'recreate' },
    });
    t.after(() => run.stop());
    await judge({ page, run });
    assert.equal(run.events('link_recovered').at(-1).rung, 'recreate', run.report);
  });

  test('the bot goes to another network and keeps the connection', async (t) => {
    const both = await together(t, 'move', 'room', [{ do: 'address_change' }]);
    await judge(both);
    assert.equal(both.run.events('link_started').length, 1, both.run.report);
    assert.equal(both.run.events('link_recovered')[0].rung, 'ice_restart');
  });

  test('the bot loses its socket to the server, and the page keeps the connection', async (t) => {
    const both = await together(t, 'socket', 'room', [{ do: 'signaling_drop' }]);
    await judge(both);
    assert.equal(both.run.events('socket_back').length, 1, both.run.report);
    assert.equal(both.run.events('link_started').length, 1);
  });

  test('the page is reloaded, and the bot takes it back', async (t) => {
    const name = 'reload', kind = 'room';
    const page = await browser.open(server, { autostart: 1, ...place(name, kind) });
    await page.enters('in room');
    const run = Run.start(server, {
      ...scenario(name, kind, []),
      calls: { kind, bots: 1, guests: 1, per_arm: 1, hold_ms: 6000 },
      thresholds: { success_rate: ['rate>=1'] },
    });
    t.after(() => run.stop());
    const first = await page.media();
    await page.page.reload();
    const again = await page.media();
    assert.notEqual(again.peer.id + again.offers, first.peer.id + first.offers);
    await judge({ page, run });
    assert.equal(run.events('partner_returned').length, 1, run.report);
    assert.equal(run.events('link_started').length, 2);
  });
});
