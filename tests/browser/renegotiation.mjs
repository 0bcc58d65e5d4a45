// Offers after the first, by the browser and by the bot, whoever offered first: ICE restart, hold,
// tracks that come and go. And what a browser offers that does not bundle from the start, sends one
// way only or has other codecs than the bot. Chromium refuses what RFC 8829 and 8842 do not allow.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Run } from './programs.mjs';
import { until } from './wait.mjs';
import { browser, endOfTheWorld, server } from './world.mjs';

after(endOfTheWorld);

// Before the page's own scripts: notes each command to a peer connection and its error.
function watchPeerConnections({ bundlePolicy, direction, codec }) {
  window.pcs = [];
  window.refused = [];
  window.answered = 0; // by the far end
  const Native = RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration) {
      super({ ...configuration, ...(bundlePolicy ? { bundlePolicy } : {}) });
      window.pcs.push(this);
    }
    addTrack(track, ...streams) {
      const sender = super.addTrack(track, ...streams);
      const transceiver = this.getTransceivers().find((each) => each.sender === sender);
      if (direction) transceiver.direction = direction;
      if (codec && track.kind === 'video')
        transceiver.setCodecPreferences(
          RTCRtpSender.getCapabilities('video').codecs.filter(({ mimeType }) => mimeType === codec),
        );
      return sender;
    }
  };
  for (const name of ['setLocalDescription', 'setRemoteDescription', 'addIceCandidate']) {
    const command = Native.prototype[name];
    Native.prototype[name] = function (...words) {
      const done = command.apply(this, words);
      done.then(
        () => (window.answered += name === 'setRemoteDescription' && words[0].type === 'answer'),
        (error) => window.refused.push(`${name} ${words[0]?.type ?? ''}: ${error.message}`),
      );
      return done;
    };
  }
}

class Call {
  // first: who makes the first offer
  static async of(t, name, first, { guest = {}, scenario = {}, user = undefined } = {}) {
    const room = `${name}-direct-0`;
    const call = new Call();
    const enter = async () => {
      const place = { kind: 'room', room, user: user ?? `${room}-guest-0`, autostart: 1 };
      call.guest = await browser.open(server, place, (page) =>
        page.addInitScript(watchPeerConnections, guest),
      );
    };
    if (first === 'bot') {
      await enter();
      await call.guest.enters('in room');
    }
    call.run = Run.start(server, {
      name,
      calls: { bots: 1, guests: 1, per_arm: 1, hold_ms: 60_000, kind: 'room' },
      turn: [{ name: 'direct' }],
      ...scenario,
    });
    t.after(() => call.run.stop());
    if (first === 'guest') {
      await call.run.eventually('bot_joined');
      await enter();
    }
    return call;
  }

  // Both ways; what the bot saw, if not.
  async media() {
    try {
      return await this.guest.media();
    } catch (error) {
      throw new Error(`${error.message}\nThe bot:\n${this.run.story()}`, { cause: error });
    }
  }
  inPage(script, argument) {
    return this.guest.page.evaluate(script, argument);
  }
  // Until the far end has answered what `change` makes needed.
  async renegotiates(change, argument) {
    const before = await this.inPage(() => window.answered);
    await this.inPage(change, argument);
    await until('an answer', () => this.inPage((n) => window.answered > n, before), {
      describe: async () => JSON.stringify(await this.inPage(() => window.refused)),
    });
    await this.isStable();
  }
  async isStable() {
    await until('signaling state stable', () =>
      this.inPage(() => window.pcs.at(-1).signalingState === 'stable'),
    );
    assert.deepEqual(await this.inPage(() => window.refused), []);
  }
  ufrag() {
    return this.inPage(() => /a=ice-ufrag:(.*)/.exec(window.pcs.at(-1).remoteDescription.sdp)[1]);
  }
  negotiated(kind) {
    return this.run.events('media_negotiated').filter((event) => event.kind === kind).at(-1);
  }
  // Until nothing comes any more; what is on its way may take a while.
  quiet() {
    const packets = () => this.guest.stats().then(([{ received }]) => received.video.packets + received.audio.packets);
    return until('no packet for a while', async () => {
      const before = await packets();
      await new Promise((resolve) => setTimeout(resolve, 500)); // 25 packets of sound
      return (await packets()) === before;
    });
  }
  async end() {
    await this.guest.close();
    await this.run.stop();
  }
}

const kChanges = {
  'an ICE restart': async (call) => {
    const ufrag = await call.ufrag();
    await call.renegotiates(() => window.pcs.at(-1).restartIce());
    assert.notEqual(await call.ufrag(), ufrag);
  },
  'hold and resume': async (call) => {
    const turnTo = (direction) => {
      for (const transceiver of window.pcs.at(-1).getTransceivers())
        transceiver.direction = direction;
    };
    await call.renegotiates(turnTo, 'inactive');
    await until('the bot to agree', () => call.negotiated('audio')?.sends === false);
    assert.equal(call.negotiated('video').receives, false);
    await call.quiet();
    await call.renegotiates(turnTo, 'sendrecv');
  },
  'a data channel that is added': async (call) => {
    if (await call.inPage(() => window.pcs.at(-1).sctp)) return; // a second one needs no offer
    await call.renegotiates(() => void window.pcs.at(-1).createDataChannel('later'));
  },
  'a second picture that is added': (call) =>
    call.renegotiates(() => {
      const [sender] = window.pcs.at(-1).getSenders().filter(({ track }) => track?.kind === 'video');
      window.pcs.at(-1).addTransceiver(sender.track.clone(), { direction: 'sendonly' });
    }),
};

// Most of the time these wait.
const kTogether = { concurrency: 2 };

describe('an offer after the first', kTogether, () => {
  for (const first of ['bot', 'guest'])
    for (const [change, make] of Object.entries(kChanges))
      test(`by the guest, where the ${first} was first: ${change}`, async (t) => {
        const name = `re-${first}-${Object.keys(kChanges).indexOf(change)}`;
        // A bot that missed media would offer as well.
        const call = await Call.of(t, name, first, { scenario: { recovery: { policy: 'none' } } });
        await call.media();
        await make(call);
        await call.media();
        await make(call); // and again: the first one changed nothing that lasts
        await call.media();
        await call.end();
      });

  for (const [first, then] of [['bot'], ['guest'], ['bot', 'guest']])
    test(`by the bot, where the ${first} was first${then ? `, then the ${then}` : ''}: an ICE restart`, async (t) => {
      const call = await Call.of(t, `bot-restarts-${first}${then ?? ''}`, first, {
        scenario: {
          recovery: { policy: 'ice_restart', silence_ms: 500 },
          steps: [{ do: 'network_drop', bot: 0, delay_ms: then ? 6000 : 2000, for_ms: 1500 }],
        },
      });
      await call.media();
      if (then) await call.renegotiates(() => window.pcs.at(-1).restartIce());
      const ufrag = await call.ufrag();
      await call.run.eventually('link_recovered');
      await call.media();
      await call.isStable();
      assert.notEqual(await call.ufrag(), ufrag);
      await call.end();
    });
});

// What the bot offers while it has no network and what the guest offers meanwhile cross each other.
// That of the user whose name sorts first counts, and is the restart that the other end asked for.
describe('an ICE restart by both ends at once', kTogether, () => {
  for (const first of ['bot', 'guest'])
    for (const kept of ['bot', 'guest'])
      test(`where the ${first} was first, and the offer of the ${kept} counts`, async (t) => {
        const call = await Call.of(t, `both-${first}-${kept}`, first, {
          user: kept === 'guest' ? 'a guest' : undefined,
          scenario: {
            recovery: { policy: 'ice_restart', silence_ms: 500 },
            steps: [{ do: 'network_drop', bot: 0, delay_ms: 2000, for_ms: 2500 }],
          },
        });
        await call.media();
        const ufrag = await call.ufrag();
        await call.run.eventually('recovery_tried');
        await call.inPage(() => window.pcs.at(-1).restartIce());
        await call.run.eventually('link_recovered');
        await call.media();
        await call.isStable();
        assert.notEqual(await call.ufrag(), ufrag);
        await call.end();
      });
});

describe('an offer that is not like the bots own', kTogether, () => {
  for (const bundlePolicy of ['balanced', 'max-compat'])
    test(`${bundlePolicy}: a transport for each section at first`, async (t) => {
      const call = await Call.of(t, `bundle-${bundlePolicy}`, 'guest', { guest: { bundlePolicy } });
      await call.media();
      await call.isStable();
      await call.end();
    });

  test('a partner that only sends is sent nothing, and misses nothing', async (t) => {
    const call = await Call.of(t, 'send-only', 'guest', { guest: { direction: 'sendonly' } });
    await call.guest.connected();
    await until('media at the bot', () => call.run.events('media_started').length === 2);
    for (const kind of ['audio', 'video']) {
      assert.equal(call.negotiated(kind).sends, false);
      assert.equal(call.negotiated(kind).receives, true);
    }
    assert.equal(call.run.events('link_failed').length, 0, call.run.report);
    await call.end();
  });

  test('a partner that only receives is not waited for', async (t) => {
    const call = await Call.of(t, 'receive-only', 'guest', { guest: { direction: 'recvonly' } });
    await call.guest.connected();
    await until('media at the guest', async () => {
      const [link] = await call.guest.stats();
      return link?.received.video.frames_decoded > 20 && link.received.audio.packets > 20;
    });
    for (const kind of ['audio', 'video']) {
      assert.equal(call.negotiated(kind).sends, true);
      assert.equal(call.negotiated(kind).receives, false);
    }
    assert.equal(call.run.events('link_failed').length, 0, call.run.report);
    await call.end();
  });

  for (const codec of ['video/VP9', 'video/H264'])
    for (const first of ['bot', 'guest'])
      test(`a partner that has ${codec} alone, where the ${first} is first: no picture goes, and that is told`, async (t) => {
        const call = await Call.of(t, `other-codec-${codec.slice(6)}-${first}`, first, { guest: { codec } });
        await call.guest.connected();
        await until('sound at the bot', () =>
          call.run.events('media_started').some(({ kind }) => kind === 'audio'),
        );
        assert.equal(call.negotiated('video').codec, false);
        assert.equal(call.negotiated('video').sends, false);
        assert.equal(call.negotiated('audio').codec, true);
        await call.guest.close();
        await call.run.exitCode();
        // A call that counts for nothing, since the machine was too busy, is told as that alone.
        if (call.run.summary.total.aborted > 0) return;
        assert.match(call.run.report.replaceAll(/\s+/g, ' '), /in 1 of 1 connected call no video to[^.]*which has no VP8/);
      });

  test('a partner that does not send what the scenario expects: the call fails, and says why', async (t) => {
    const media = { audio: { expect: 'sendrecv' }, video: { expect: 'sendrecv' } };
    const call = await Call.of(t, 'expects', 'guest', { guest: { codec: 'video/VP9' }, scenario: { media } });
    const { detail, phase } = await call.run.eventually('link_failed');
    assert.match(detail, /^video was negotiated (recvonly|inactive), and media\.video\.expect is sendrecv: the other end has no VP8$/);
    assert.equal(phase, 'negotiation');
    await call.end();
  });
});
