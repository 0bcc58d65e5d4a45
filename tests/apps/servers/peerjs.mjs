// The server of PeerJS itself. It keeps an id for a client without a heartbeat for a minute, and keeps
// messages for who is not there for five seconds.

import { packages, say } from './app.mjs';

const { PeerServer } = packages('peer');

PeerServer({ host: '127.0.0.1', port: Number(process.argv[2] ?? 0), path: '/' }, say);
