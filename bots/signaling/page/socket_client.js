// Socket.IO 5 in the namespace "/": events both ways, each of ours acknowledged. No binary.
// https://github.com/socketio/socket.io-protocol, revision 5.

import { EngineSocket } from './engine_socket.js';

const kConnect = '0', kDisconnect = '1', kEvent = '2', kAck = '3', kConnectError = '4';

export class ConnectRefused extends Error {}

export class SocketClient {
  // on: {event(name, argument), down(why)}. Resolves when in the namespace; rejects with
  // ConnectRefused when the server says no, with Error when it cannot be reached.
  static connect(server, token, on) {
    return new Promise((resolve, reject) => new SocketClient(server, token, on, resolve, reject));
  }

  constructor(server, token, on, resolve, reject) {
    this.on_ = on;
    this.entering_ = { resolve, reject };
    this.waiting_ = new Map(); // acknowledgement id -> {resolve, reject}
    this.next_id_ = 0;
    this.engine_ = new EngineSocket(server, {
      open: () => this.engine_.send(kConnect + (token ? JSON.stringify({ token }) : '')),
      message: (text) => this.take_(text),
      down: (why) => this.down_(new Error(why)),
    });
  }

  // Resolves with what the server acknowledges.
  ask(event, argument) {
    const id = this.next_id_++;
    this.engine_.send(`${kEvent}${id}${JSON.stringify([event, argument])}`);
    return new Promise((resolve, reject) => this.waiting_.set(id, { resolve, reject }));
  }

  // A goodbye: the session ends at once. down() is not called.
  leave() {
    this.engine_.send(kDisconnect);
    this.engine_.close();
  }

  take_(text) {
    const [, type, id, json] = /^(\d)(\d*)(.*)$/s.exec(text) ?? [];
    switch (type) {
      case kConnect:
        this.entering_.resolve(this);
        this.entering_ = undefined;
        break;
      case kConnectError:
        this.engine_.close();
        this.down_(new ConnectRefused(JSON.parse(json).message));
        break;
      case kEvent:
        this.on_.event(...JSON.parse(json));
        break;
      case kAck:
        this.waiting_.get(Number(id))?.resolve(JSON.parse(json)[0]);
        this.waiting_.delete(Number(id));
        break;
      case kDisconnect:
        this.engine_.close();
        this.down_(new Error('the server ended the session'));
        break;
    }
  }

  down_(error) {
    for (const { reject } of this.waiting_.values()) reject(error);
    this.waiting_.clear();
    if (this.entering_) this.entering_.reject(error);
    else this.on_.down(error.message);
  }
}
