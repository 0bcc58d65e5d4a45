// The application's side of the wire (docs/PROTOCOL.md): a registered user, whose session survives
// a reload of the page by the key that is kept in sessionStorage.

import { SocketClient } from './socket_client.js';

const kTryOnceMoreMs = 500; // after double_join and session_active, as docs/PROTOCOL.md says

// The server's word for it, e.g. "room_full".
export class Refusal extends Error {}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const keyName = (user) => `turnout key of ${user}`;

export class Signaling {
  // on: {event(name, argument), down(why)}. Throws ConnectRefused, Refusal, Error. Events wait for
  // deliver(), as some follow at once.
  static async enter({ server, token, user }, on) {
    const signaling = new Signaling(on);
    signaling.client_ = await SocketClient.connect(server, token, {
      event: (name, argument) => signaling.take_(name, argument),
      down: on.down,
    });
    try {
      signaling.session_ = await signaling.register_(user);
    } catch (error) {
      signaling.leave();
      throw error;
    }
    return signaling;
  }

  constructor(on) {
    this.on_ = on;
    this.early_ = [];
  }

  deliver() {
    const early = this.early_;
    this.early_ = undefined;
    for (const [name, argument] of early) this.on_.event(name, argument);
  }

  // Who came back: "reconnected" tells what the user is still in.
  get resumed() {
    return this.session_.resumed;
  }

  async ask(event, argument = {}) {
    let answer = await this.client_.ask(event, argument);
    if (['double_join', 'session_active'].includes(answer.error)) {
      await pause(kTryOnceMoreMs);
      answer = await this.client_.ask(event, argument);
    }
    if (!answer.ok) throw new Refusal(answer.error);
    return answer;
  }

  leave() {
    this.client_.leave();
  }

  take_(name, argument) {
    if (this.early_) this.early_.push([name, argument]);
    else this.on_.event(name, argument);
  }

  async register_(user) {
    const key = sessionStorage.getItem(keyName(user)) ?? undefined;
    const session = await this.ask('register', { user, key });
    sessionStorage.setItem(keyName(user), session.key);
    return session;
  }
}
