// Writes recordings of two pages of each kind of app, for `turnout dialect learn` and its tests: the scripts of
// such pages, with made-up descriptions in place of a browser's.
//
//   PACKAGES=FOLDER node record.mjs OUT-FOLDER        NAME-1.jsonl and NAME-2.jsonl for each app

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';

import { startServer, stopServers } from './server_process.mjs';
import { packages } from './servers/app.mjs';

const { io } = packages('socket.io-client');
const { WebSocket } = packages('ws');
const [, , folder] = process.argv;

const kTypes = { open: 0, close: 1, ping: 2, pong: 3, message: 4 };
const description = (type) => ({
  type,
  sdp: `v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n`,
});
const wholeDescription = (type) => {
  const { sdp } = description(type);
  return { type, sdp: `${sdp}a=candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host\r\n` };
};
const candidate = {
  candidate: 'candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host', sdpMid: '0', sdpMLineIndex: 0,
  usernameFragment: 'abcd',
};

// A page: its frames, and a promise of having been told all.
class Page {
  frames = [];
  constructor(url) {
    this.url = url;
    this.began = Date.now();
    this.done = new Promise((resolve) => (this.finish = resolve));
  }
  note(type, data) {
    const time = Math.round(Date.now() - this.began) / 1000;
    this.frames.push({ type, time, data, ...(this.frames.length === 0 && { url: this.url }) });
  }
}

class SocketIoPage extends Page {
  constructor(origin) {
    super(`${origin.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    this.socket = io(origin, { transports: ['websocket'], autoConnect: false });
    const engineIsThere = () => {
      const { engine } = this.socket.io;
      const text = ({ type, data }) => `${kTypes[type]}${data ?? ''}`;
      engine.on('packet', (packet) => this.note('receive', text(packet)));
      engine.on('packetCreate', (packet) => this.note('send', text(packet)));
    };
    this.socket.connect();
    engineIsThere();
  }
  close() {
    this.socket.disconnect();
  }
}

class PlainPage extends Page {
  constructor(origin, path) {
    super(`${origin.replace('http', 'ws')}${path}`);
    this.socket = new WebSocket(this.url);
    this.socket.on('message', (data) => {
      this.note('receive', `${data}`);
      this.onmessage(JSON.parse(data));
    });
    this.ready = once(this.socket, 'open');
  }
  send(message) {
    this.note('send', JSON.stringify(message));
    this.socket.send(JSON.stringify(message));
  }
  close() {
    this.socket.close();
  }
}

const apps = {
  'random-chat': (origin) => {
    const page = new SocketIoPage(origin), { socket } = page;
    let partner;
    socket.on('matched', ({ partnerId, initiator }) => {
      partner = partnerId;
      if (initiator) socket.emit('offer', { to: partner, offer: description('offer') });
    });
    socket.on('offer', ({ from }) => socket.emit('answer', { to: from, answer: description('answer') }));
    socket.on('answer', ({ from }) => socket.emit('ice-candidate', { to: from, candidate }));
    socket.on('ice-candidate', ({ from }) => {
      if (!page.replied) socket.emit('ice-candidate', { to: from, candidate });
      page.replied = true;
      setTimeout(() => {
        socket.emit('leave-chat');
        page.finish();
      }, 50);
    });
    socket.emit('find-partner');
    return page;
  },
  'user-list': (origin, index) => {
    const page = new SocketIoPage(origin), { socket } = page;
    socket.on('room-users', (users) => {
      for (const { id } of users) socket.emit('signal', { target: id, description: description('offer') });
    });
    socket.on('signal', ({ sender, description: said, candidate: one }) => {
      if (said?.type === 'offer') socket.emit('signal', { target: sender, description: description('answer') });
      if (said) return socket.emit('signal', { target: sender, candidate });
      if (!one) return;
      setTimeout(() => {
        socket.emit('leave-room');
        page.finish();
      }, 50);
    });
    socket.emit('join-room', { roomId: 'blue', userName: ['ann', 'ben'][index] });
    return page;
  },
  'simple-peer': (origin) => {
    const page = new SocketIoPage(origin), { socket } = page;
    socket.on('all users', (users) => {
      for (const id of users)
        socket.emit('sending signal', { userToSignal: id, callerID: socket.id, signal: wholeDescription('offer') });
    });
    socket.on('user joined', ({ callerID }) => {
      socket.emit('returning signal', { signal: wholeDescription('answer'), callerID });
      page.finish();
    });
    socket.on('receiving returned signal', page.finish);
    socket.emit('join room', 'blue');
    return page;
  },
  'ring-call': (origin, index) => {
    const page = new SocketIoPage(origin), { socket } = page;
    socket.on('registered', () => {
      if (index === 1) socket.emit('call-user', { to: 'ann' });
    });
    socket.on('incoming-call', ({ from }) => {
      socket.emit('accept-call', { from });
      socket.emit('webrtc', { to: from, sdp: description('offer') });
    });
    socket.on('webrtc', ({ from, sdp, ice }) => {
      if (sdp?.type === 'offer') socket.emit('webrtc', { to: from, sdp: description('answer') });
      if (sdp) return socket.emit('webrtc', { to: from, ice: candidate });
      if (ice && index === 1) setTimeout(() => socket.emit('end-call', { to: from }), 50);
      if (index === 1) setTimeout(page.finish, 50);
    });
    socket.on('call-ended', page.finish);
    socket.emit('register', ['ann', 'ben'][index]);
    return page;
  },
  'typed-messages': (origin, index) => {
    const page = new PlainPage(origin, '/ws');
    page.onmessage = (message) => {
      if (message.type === 'joined')
        for (const to of message.peers) page.send({ type: 'offer', to, sdp: description('offer').sdp });
      if (message.type === 'offer') page.send({ type: 'answer', to: message.from, sdp: description('answer').sdp });
      if (message.type === 'answer' || message.type === 'offer')
        page.send({ type: 'candidate', to: message.from, candidate });
      if (message.type === 'candidate')
        setTimeout(() => {
          page.send({ type: 'leave' });
          page.finish();
        }, 50);
    };
    const ids = ['7a6f4a5e-6c51-4b6a-8f0e-0a4a1d5b9c11', 'c4b9a0de-19c2-4d7e-9a35-5b1f6f0f2d22'];
    page.ready.then(() => page.send({ type: 'join', roomId: 'blue', userId: ids[index] }));
    return page;
  },
  'named-users': (origin, index) => {
    const page = new PlainPage(origin, '/');
    const names = ['ann', 'ben'];
    page.onmessage = ({ type, name }) => {
      if (type === 'login' && index === 1) page.send({ type: 'offer', name: 'ann', offer: description('offer') });
      if (type === 'offer') {
        page.send({ type: 'answer', name, answer: description('answer') });
        page.send({ type: 'candidate', name, candidate });
      }
      if (type === 'candidate' && index === 1) {
        page.send({ type: 'candidate', name: 'ann', candidate });
        page.send({ type: 'leave', name: 'ann' });
        page.finish();
      }
      if (type === 'leave') page.finish();
    };
    page.ready.then(() => page.send({ type: 'login', name: names[index] }));
    return page;
  },
};

for (const [name, open] of Object.entries(apps)) {
  const { origin } = await startServer(name);
  const first = open(origin, 0);
  await new Promise((resolve) => setTimeout(resolve, 300)); // the second comes later
  const second = open(origin, 1);
  await Promise.all([first.done, second.done]);
  await new Promise((resolve) => setTimeout(resolve, 100)); // what was sent is noted
  for (const [index, page] of [first, second].entries()) {
    page.close();
    const lines = page.frames.map((frame) => JSON.stringify(frame)).join('\n');
    writeFileSync(`${folder}/${name}-${index + 1}.jsonl`, `${lines}\n`.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:3000'));
  }
}
stopServers();
