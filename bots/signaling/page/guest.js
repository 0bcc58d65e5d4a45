// One user's part in a room, a call or a match: comes in, opens a Link to each other participant,
// comes back after a lost connection, leaves. Knows nothing of the page.

import { Link } from './link.js';
import { ConnectRefused } from './socket_client.js';
import { Refusal, Signaling } from './signaling.js';

const kRingAgainMs = 1000; // the user to call is not there yet
const kRingAgainTries = 60;
const kComeBackMs = [0, 300, 600, 1200, 2400, 5000, 10_000]; // between tries, after a lost connection

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// By bytes of UTF-8, as every participant compares names.
function sortsAfter(name, other) {
  const [a, b] = [name, other].map((text) => new TextEncoder().encode(text));
  const differs = a.findIndex((byte, i) => byte !== b[i]);
  return differs === -1 ? false : differs >= b.length || a[differs] > b[differs];
}

export class Guest {
  // plan: of planOf(). on: {phase(), opened(link), closed(link), changed(link), log(text)}
  constructor(plan, stream, on) {
    this.plan = plan;
    this.phase = 'idle';
    this.detail = ''; // of the phase, for people
    this.links = new Map(); // by socket id
    this.stream_ = stream;
    this.on_ = on;
  }

  async start() {
    this.coming_in_ = true;
    for (const wait_ms of kComeBackMs) {
      await pause(wait_ms);
      if (this.left_) break;
      this.enter_('connecting');
      try {
        await this.comeIn_();
        break;
      } catch (error) {
        this.enter_('failed', error.message);
        if (error instanceof Refusal || error instanceof ConnectRefused) break;
      }
    }
    this.coming_in_ = false;
  }

  leave() {
    this.left_ = true;
    this.closeAll_();
    this.signaling_?.leave();
    this.enter_('left');
  }

  nextPartner() {
    this.closeAll_();
    return this.find_('next-partner');
  }

  async comeIn_() {
    this.signaling_ = await Signaling.enter(
      { server: new URL('.', location.href).href, token: this.plan.token, user: this.plan.user },
      { event: (name, argument) => this.take_(name, argument), down: (why) => this.down_(why) },
    );
    this.closeAll_();
    this.signaling_.deliver();
    if (!this.signaling_.resumed) await this.begin_();
  }

  begin_() {
    switch (this.plan.kind) {
      case 'room':
        return this.join_();
      case 'call':
        return this.plan.to ? this.call_() : this.enter_('waiting', 'for a call');
      case 'match':
        return this.find_('find-partner');
    }
  }

  async join_() {
    const { room, user } = this.plan;
    const { peers } = await this.signaling_.ask('join', { room, user });
    this.enter_('in room', room);
    for (const peer of peers) this.open_(peer, true);
  }

  async call_() {
    const { to } = this.plan;
    for (let tries = 1; !this.left_; tries++) {
      try {
        await this.signaling_.ask('call', { to });
        if (this.phase !== 'in call') this.enter_('ringing', to);
        return;
      } catch (error) {
        if (!['no_such_user', 'ghost_session'].includes(error.message)) throw error;
        if (tries === kRingAgainTries) throw error;
      }
      this.enter_('waiting', `for ${to} to come`);
      await pause(kRingAgainMs);
    }
  }

  async find_(how) {
    const { pool } = this.plan;
    await this.signaling_.ask(how, pool ? { pool } : {});
    if (this.links.size === 0) this.enter_('waiting', 'for a partner');
  }

  async down_(why) {
    if (this.coming_in_) return; // start() tries again
    this.enter_('connection lost', why);
    await this.start();
  }

  async take_(name, argument) {
    try {
      await this.events_[name]?.(argument);
    } catch (error) {
      this.on_.log(`${name}: ${error.message}`);
    }
  }

  // What the server says (docs/PROTOCOL.md).
  events_ = {
    'peer-joined': (peer) => this.peerBack_(peer, this.idOf_(peer.user)), // perhaps
    'peer-left': ({ id }) => this.close_(id),
    'peer-reconnected': ({ id, was, user, page }) => this.peerBack_({ id, user, page }, was),
    signal: ({ from, data }) => this.signal_(from, data),
    'incoming-call': async ({ call }) => {
      this.inCall_(await this.signaling_.ask('answer', { call }));
    },
    'call-accepted': (call) => this.inCall_(call),
    'call-ended': ({ reason }) => this.ended_(reason),
    matched: (match) => this.inCall_(match),
    'no-partner': ({ error }) => this.enter_('ended', error),
    replaced: () => this.replaced_(),
    reconnected: (state) => this.resume_(state),
  };

  inCall_({ peer, initiator }) {
    this.enter_('in call', peer.user);
    this.open_(peer, initiator);
  }

  ended_(reason) {
    this.closeAll_();
    const waits = this.plan.kind === 'call' && !this.plan.to;
    this.enter_(waits ? 'waiting' : 'ended', waits ? `for a call; the last one: ${reason}` : reason);
  }

  // The same user came in with the same key elsewhere: a duplicated tab.
  replaced_() {
    this.left_ = true;
    this.closeAll_();
    this.enter_('ended', 'goes on in another tab');
  }

  // Who came back has new connections, and offers.
  async resume_(state) {
    const { kind, room } = this.plan;
    if (state.kind !== kind || (kind === 'room' && state.room !== room)) {
      await this.signaling_.ask('leave'); // the page was opened again for something else
      return this.begin_();
    }
    this.on_.log(`back in the same ${kind}`);
    switch (state.kind) {
      case 'room':
        this.enter_('in room', state.room);
        return state.peers.forEach((peer) => this.open_(peer, true));
      case 'call':
        if (state.phase === 'active') return this.inCall_({ peer: state.peer, initiator: true });
        if (state.initiator) return this.enter_('ringing', state.peer.user);
        return this.events_['incoming-call'](state);
      case 'match':
        if (state.phase === 'matched') return this.inCall_({ peer: state.peer, initiator: true });
        return this.enter_('waiting', 'for a partner');
    }
  }

  idOf_(user) {
    return [...this.links.keys()].find((id) => this.links.get(id).peer.user === user);
  }

  // A peer that only lost its socket still has its end of the connection.
  peerBack_(peer, was) {
    const link = this.links.get(was);
    if (!link || !peer.page || link.peer.page !== peer.page) {
      this.close_(was);
      return this.open_(peer, false);
    }
    this.links.delete(was);
    link.peer = peer;
    this.links.set(peer.id, link);
    link.offerAgain();
    this.on_.changed(link);
  }

  // An offer for a connection with a higher number replaces the one there is; what is for an older
  // one comes too late.
  signal_(from, data) {
    if ('error' in data) return this.on_.log(`${from} cannot read what we sent: ${data.error}`);
    if (typeof data.sdp !== 'string' && (data.candidate === undefined || typeof data.candidate === 'string')) {
      this.on_.log(`a signal of unknown shape: ${Object.keys(data).join(', ')}`);
      return this.send_(from, { error: 'unknown_signal' });
    }
    let link = this.links.get(from);
    const number = data.connection ?? link?.number;
    if (link && number > link.number && data.type === 'offer') {
      this.close_(from);
      link = this.open_(link.peer, false, number);
    }
    if (link && number === link.number) return link.take(data);
  }

  open_(peer, offers, number = 1) {
    const { rtc } = this.plan;
    const polite = sortsAfter(this.plan.user, peer.user);
    const on = {
      send: (data) => this.send_(link.peer.id, { ...data, connection: number }),
      change: () => this.on_.changed(link),
      trouble: (what) => this.on_.log(`${peer.user}: ${what}`),
    };
    const link = new Link({ peer, number, offers, polite, rtc, stream: this.stream_, on });
    this.links.set(peer.id, link);
    this.on_.opened(link);
    link.start();
    return link;
  }

  async send_(to, data) {
    try {
      await this.signaling_.ask('signal', { to, data });
    } catch (error) {
      this.on_.log(`signal not delivered: ${error.message}`);
    }
  }

  close_(id) {
    const link = this.links.get(id);
    if (!link) return;
    this.links.delete(id);
    link.close();
    this.on_.closed(link);
  }

  closeAll_() {
    for (const id of [...this.links.keys()]) this.close_(id);
  }

  enter_(phase, detail = '') {
    this.phase = phase;
    this.detail = detail;
    this.on_.phase();
  }
}
