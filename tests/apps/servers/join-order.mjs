// "Create or join": the first in a room offers to the second, and nobody has an id.
//
// Sins: who vanishes is not told of, and roles are given by number: when the first one reloads its page
// it comes back as the second, and nobody offers any more.

import { listen, packages, webServer } from './app.mjs';

const { Server } = packages('socket.io');

const http = webServer();
const io = new Server(http);

io.on('connection', (socket) => {
  socket.on('create or join', (room) => {
    const others = io.sockets.adapter.rooms.get(room)?.size ?? 0;
    if (others >= 2) return socket.emit('full', room);
    if (others === 1) io.to(room).emit('join', room);
    socket.join(room);
    socket.emit(others === 0 ? 'created' : 'joined', room, socket.id);
  });
  // Offers, answers, candidates, and "bye".
  socket.on('message', (message, room) => socket.to(room).emit('message', message));
  socket.on('leave', (room) => {
    socket.to(room).emit('message', 'bye');
    socket.leave(room);
    socket.emit('left', room);
  });
});

listen(http);
