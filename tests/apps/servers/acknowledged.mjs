// Rooms on Socket.IO 2, which speaks Engine.IO 3; every request is acknowledged with (error, result).
//
// Sins: a name is taken from a room only by "leave-room", so who reloads a page is told that it is there
// already; the others are not told that it has gone. Without an acknowledgement to call the server falls over.

import { listen, packages, webServer } from './app.mjs';

const http = webServer();
const io = packages('socket.io-2')(http);
const rooms = {}; // by name, socket ids by user

io.on('connection', (socket) => {
  socket.on('join-room', (room, user, done) => {
    const members = (rooms[room] ??= {});
    if (members[user]) return done('already in the room');
    const others = Object.entries(members).map(([name, id]) => ({ name, id }));
    members[user] = socket.id;
    socket.join(room);
    socket.to(room).emit('user-joined', socket.id, user);
    done(null, { others });
  });
  socket.on('signal', (to, signal, done) => {
    socket.to(to).emit('signal', socket.id, signal);
    done(null);
  });
  socket.on('leave-room', (room, user, done) => {
    delete rooms[room][user];
    socket.to(room).emit('user-left', socket.id);
    done(null);
  });
});

listen(http);
