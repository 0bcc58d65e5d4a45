// Two servers for one page, as many tutorials have it: Socket.IO says who is in the room, by the ids that people
// have at a PeerJS server, which carries the calls.

import { createServer } from 'node:http';

import { packages, say } from './app.mjs';

const { Server } = packages('socket.io');
const { PeerServer } = packages('peer');

const http = createServer();
const io = new Server(http);
io.on('connection', (socket) =>
  socket.on('join-room', (room, id) => {
    socket.join(room);
    socket.to(room).emit('user-connected', id);
    socket.on('disconnect', () => socket.to(room).emit('user-disconnected', id));
  }));

PeerServer({ host: '127.0.0.1', port: 0, path: '/' }, (peers) => {
  console.log(`peers at http://127.0.0.1:${peers.address().port}`);
  http.listen(0, '127.0.0.1', () => say(http));
});
