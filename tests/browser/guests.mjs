// Browsers among themselves: what of a call between a browser and a bot is the page's part.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { until } from './wait.mjs';
import { browser, server, turn } from './world.mjs';

const statesOf = (link, machine) => link.states[machine].map(({ state }) => state);

describe('guests', () => {
  const join = (parameters) => browser.open(server, { autostart: 1, ...parameters });

  test('meet in a room: who joins later offers, and media flows both ways', async () => {
    const ann = await join({ kind: 'room', room: 'r1', user: 'ann 1' });
    await ann.enters('in room');
    const ben = await join({ kind: 'room', room: 'r1', user: 'ben 1' });
    const [to_ben, to_ann] = await Promise.all([ann.media(), ben.media()]);
    assert.equal(to_ben.peer.user, 'ben 1');
    assert.equal(to_ben.offers, false);
    assert.equal(to_ann.offers, true);
    assert.deepEqual(statesOf(to_ben, 'signaling'), ['stable', 'have-remote-offer', 'stable']);
    assert.deepEqual(statesOf(to_ann, 'signaling'), ['stable', 'have-local-offer', 'stable']);
    for (const link of [to_ann, to_ben]) {
      assert.deepEqual(statesOf(link, 'dtls'), ['new', 'connecting', 'connected']);
      assert.equal(link.pair.local.protocol, 'udp');
      assert.ok(link.received.video.width > 0);  // 640, or less until the browser knows the path
    }
    await Promise.all([ann.close(), ben.close()]);
  });

  test('meet by TURN alone, where only that is allowed', async () => {
    const by_turn = { kind: 'room', room: 'r2', policy: 'relay', ice: turn.ice_servers };
    const ann = await join({ ...by_turn, user: 'ann 2' });
    await ann.enters('in room');
    const ben = await join({ ...by_turn, user: 'ben 2' });
    for (const { pair } of await Promise.all([ann.media(), ben.media()])) {
      assert.equal(pair.local.type, 'relay');
      assert.equal(pair.local.address, '127.0.0.1');
      assert.equal(pair.local.relay_protocol, 'udp');
      assert.equal(pair.remote.type, 'relay');
    }
    await Promise.all([ann.close(), ben.close()]);
  });

  test('call: the caller offers, and may call before the other one is there', async () => {
    const ann = await join({ kind: 'call', user: 'ann 3', to: 'ben 3' });
    await ann.enters('waiting');
    const ben = await join({ kind: 'call', user: 'ben 3' });
    const [to_ben, to_ann] = await Promise.all([ann.media(), ben.media()]);
    assert.equal(to_ben.offers, true);
    assert.equal(to_ann.offers, false);
    await ann.page.getByRole('button', { name: 'Leave' }).click();
    await ben.enters('waiting');
    assert.deepEqual(await ben.stats(), []);
    await Promise.all([ann.close(), ben.close()]);
  });

  test('match: two who look for a partner find each other', async () => {
    const [ann, ben] = await Promise.all([
      join({ kind: 'match', user: 'ann 4' }),
      join({ kind: 'match', user: 'ben 4' }),
    ]);
    const [to_ben, to_ann] = await Promise.all([ann.media(), ben.media()]);
    assert.notEqual(to_ben.offers, to_ann.offers);
    await Promise.all([ann.close(), ben.close()]);
  });

  test('come back after a reload with a new connection, and offer', async () => {
    const ann = await join({ kind: 'room', room: 'r3', user: 'ann 5' });
    await ann.enters('in room');
    const ben = await join({ kind: 'room', room: 'r3', user: 'ben 5' });
    const first = await ann.media();
    await ann.page.reload();
    const [to_ben, to_ann] = await Promise.all([ann.media(), ben.media()]);
    assert.equal(first.offers, false);
    assert.equal(to_ben.offers, true);
    assert.equal(to_ann.offers, false);
    assert.notEqual(to_ann.peer.id, first.peer.id);
    await Promise.all([ann.close(), ben.close()]);
  });

  test('restart ICE by hand, from the side that waited, and keep the connection', async () => {
    const ann = await join({ kind: 'room', room: 'r4', user: 'ann 6' });
    await ann.enters('in room');
    const ben = await join({ kind: 'room', room: 'r4', user: 'ben 6' });
    await Promise.all([ann.media(), ben.media()]);
    await ann.page.getByRole('button', { name: 'Restart ICE' }).click();
    const again = ['stable', 'have-local-offer', 'stable'];
    await until('a second negotiation', async () => {
      const [link] = await ann.stats();
      return statesOf(link, 'signaling').slice(-3).join() === again.join();
    });
    const [link] = await Promise.all([ann.media(), ben.media()]);
    assert.ok(!statesOf(link, 'connection').includes('failed'));
    await Promise.all([ann.close(), ben.close()]);
  });

  test('are told what a TURN server refuses, and no secret is to be seen', async () => {
    const credential = 'a wrong password';
    const ice = turn.ice_servers.map((server) => ({ ...server, credential }));
    const wrong = { kind: 'room', room: 'r5', policy: 'relay', ice };
    const ann = await join({ ...wrong, user: 'ann 7' });
    await ann.enters('in room');
    const ben = await join({ ...wrong, user: 'ben 7' });
    const error = await until('an error of the TURN server', async () => {
      const [link] = await ben.stats();
      return link?.ice_errors[0];
    });
    assert.equal(error.code, 401);
    assert.equal(error.url, ice[0].urls);
    await ben.page.getByRole('cell', { name: '401' }).first().waitFor();
    // Without the form, which is for nobody else's eyes.
    const text = await ben.page.evaluate(() => document.querySelector('#guest').innerHTML);
    assert.ok(!text.includes(credential) && !text.includes(ice[0].username));
    await Promise.all([ann.close(), ben.close()]);
  });

  test('say by keyboard what the URL did not', async () => {
    const ann = await browser.open(server, {});
    const { page } = ann;
    await page.getByRole('radio', { name: 'in a room' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByLabel('User to call').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('textbox', { name: /^Room/ }).fill('');
    await page.getByLabel('Your name').fill('ann 8');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('room is needed').waitFor();
    await page.getByRole('textbox', { name: /^Room/ }).fill('r6');
    await page.keyboard.press('Enter');
    await ann.enters('in room');
    assert.equal(await page.evaluate(() => window.turnout.user), 'ann 8');
    await ann.close();
  });

  test('are refused by a word that can be read', async () => {
    const ann = await join({ kind: 'room', room: 'r7', user: 'ann 9' });
    await ann.enters('in room');
    const other = await join({ kind: 'room', room: 'r7', user: 'ann 9' });
    await other.enters('failed');
    await other.page.getByRole('status').getByText('Failed session_active').waitFor();
    await Promise.all([ann.close(), other.close()]);
  });
});
