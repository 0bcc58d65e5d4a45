// Rooms with a list of who is there. Who joins calls those who are.
//
// Sins: a room counts who came and, of those who go, only the ones that say so; so who reloads a page
// finds the room full. Nobody is told that somebody vanished.

import { listen, packages, webServer } from './app.mjs';

const { Server } = packages('socket.io');
const kMost = 2;

const http = webServer();
const io = new Server(http);
const rooms = new Map(); // by name, a map of names by socket id

io.on('connection', (socket) => {
  let room;

  socket.on('join-room', ({ roomId, userName }) => {
    const users = rooms.get(roomId) ?? new Map();
    if (users.size >= kMost) return socket.emit('room-full', { roomId });
    rooms.set(roomId, users);
    socket.emit('room-users', [...users].map(([id, name]) => ({ id, name })));
    users.set(socket.id, userName);
    room = roomId;
    socket.join(room);
    socket.to(room).emit('user-joined', { id: socket.id, name: userName });
  });

  socket.on('signal', ({ target, ...signal }) => io.to(target).emit('signal', { sender: socket.id, ...signal }));

  socket.on('leave-room', () => {
    if (!room) return;
    socket.to(room).emit('user-left', { id: socket.id });
    socket.leave(room);
    rooms.get(room).delete(socket.id);
    if (rooms.get(room).size === 0) rooms.delete(room);
    room = undefined;
  });
});

listen(http);
