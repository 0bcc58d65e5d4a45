// Engine.IO 4 over WebSocket: text messages both ways, pings answered, a silent server noticed.
// https://github.com/socketio/engine.io-protocol, revision 4.

const kOpen = '0', kClose = '1', kPing = '2', kPong = '3', kMessage = '4';
const kHandshakeMs = 20_000;

export class EngineSocket {
  // on: {open(), message(text), down(why)}; down comes once and last, not after close().
  // server: the URL of the folder that this page is in, below which a reverse proxy may put it all.
  constructor(server, on) {
    this.on_ = on;
    this.patience_ms_ = kHandshakeMs;
    const url = new URL('socket.io/?EIO=4&transport=websocket', server);
    url.protocol = url.protocol.replace('http', 'ws');
    this.socket_ = new WebSocket(url);
    this.socket_.onmessage = (event) => this.take_(event.data);
    this.socket_.onclose = () => this.down_('the connection to the server was closed');
    this.wait_();
  }

  send(text) {
    if (this.socket_.readyState === WebSocket.OPEN) this.socket_.send(kMessage + text);
  }

  close() {
    this.on_ = undefined;
    clearTimeout(this.timer_);
    this.socket_.close();
  }

  take_(frame) {
    this.wait_();
    switch (frame[0]) {
      case kOpen: {
        const { pingInterval, pingTimeout } = JSON.parse(frame.slice(1));
        this.patience_ms_ = pingInterval + pingTimeout;
        this.wait_();
        this.on_?.open();
        break;
      }
      case kPing:
        this.socket_.send(kPong);
        break;
      case kMessage:
        this.on_?.message(frame.slice(1));
        break;
      case kClose:
        this.down_('the server closed the session');
        break;
    }
  }

  wait_() {
    clearTimeout(this.timer_);
    this.timer_ = setTimeout(() => this.down_('the server is silent'), this.patience_ms_);
  }

  down_(why) {
    const on = this.on_;
    this.close();
    on?.down(why);
  }
}
