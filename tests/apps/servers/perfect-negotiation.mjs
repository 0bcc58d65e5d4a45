// Two in a room, each of whom may offer at any time; the app says who is polite.
//
// Sins: it says so by who came first, and who is left alone is not told that it has become the first: after a
// reload both are polite, or neither.

import { listen, packages, webServer } from './app.mjs';

const { Server } = packages('socket.io');

const http = webServer('perfect-negotiation.html');
const io = new Server(http);

io.on('connection', (socket) => {
  socket.on('join', (room, name) => {
    const [other] = io.sockets.adapter.rooms.get(room) ?? [];
    if (io.sockets.adapter.rooms.get(room)?.size >= 2) return socket.emit('refused', 'room is full');
    socket.join(room);
    Object.assign(socket.data, { room, name });
    socket.emit('welcome', { polite: Boolean(other) });
    if (!other) return;
    io.to(other).emit('start', { name });
    socket.emit('start', { name: io.sockets.sockets.get(other).data.name });
  });
  socket.on('signal', (signal) => socket.to(socket.data.room).emit('signal', signal));
  socket.on('disconnecting', () => socket.to(socket.data.room).emit('gone'));
});

listen(http);
