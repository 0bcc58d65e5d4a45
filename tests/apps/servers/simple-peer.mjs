// The "sending signal" family around the library simple-peer: whoever joins sends a whole offer to each
// who is there.
//
// Sins: nobody is told who left; without a room the server falls over.

import { listen, packages, webServer } from './app.mjs';

const { Server } = packages('socket.io');
const kMost = 4;

const http = webServer();
const io = new Server(http);
const users = {}, roomOf = {};

io.on('connection', (socket) => {
  socket.on('join room', (room) => {
    if (users[room]?.length >= kMost) return socket.emit('room full');
    (users[room] ??= []).push(socket.id);
    roomOf[socket.id] = room;
    socket.emit('all users', users[room].filter((id) => id !== socket.id));
  });
  socket.on('sending signal', ({ userToSignal, callerID, signal }) => {
    io.to(userToSignal).emit('user joined', { signal, callerID });
  });
  socket.on('returning signal', ({ callerID, signal }) => {
    io.to(callerID).emit('receiving returned signal', { signal, id: socket.id });
  });
  socket.on('disconnect', () => {
    const room = roomOf[socket.id];
    users[room] = users[room].filter((id) => id !== socket.id);
  });
});

listen(http);
