// A signaling server for rooms, after docs/PROTOCOL.md alone, on the socket.io package. It keeps no
// session: who loses the socket comes as somebody new.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const { Server } = createRequire(`${process.env.PACKAGES}/`)('socket.io');

export function startRoomServer() {
  const http = createServer(), io = new Server(http);
  const seen = (socket) => ({ id: socket.id, user: socket.data.user });
  const leave = (socket) => {
    const { room } = socket.data;
    if (!room) return;
    socket.leave(room);
    socket.data.room = undefined;
    io.to(room).emit('peer-left', { id: socket.id });
  };
  io.on('connection', (socket) => {
    socket.on('register', ({ user }, answer) => {
      socket.data.user = user;
      answer({ ok: true, id: socket.id, user });
    });
    socket.on('join', async ({ room }, answer) => {
      const peers = await io.in(room).fetchSockets();
      socket.data.room = room;
      socket.to(room).emit('peer-joined', seen(socket));
      await socket.join(room);
      answer({ ok: true, id: socket.id, peers: peers.map(seen) });
    });
    socket.on('signal', ({ to, data }, answer) => {
      io.to(to).emit('signal', { from: socket.id, data });
      answer?.({ ok: true });
    });
    socket.on('leave', (_, answer) => {
      leave(socket);
      answer({ ok: true });
    });
    socket.on('disconnect', () => leave(socket));
  });
  return http;
}
