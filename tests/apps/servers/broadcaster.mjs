// One broadcaster and those who watch; the broadcaster offers to each.
//
// Sins: there is one broadcaster for all the world, and when it vanishes it stays it: who comes to watch
// then is never answered.

import { listen, packages, webServer } from './app.mjs';

const { Server } = packages('socket.io');

const http = webServer();
const io = new Server(http);
let broadcaster;

io.on('connection', (socket) => {
  socket.on('broadcaster', () => {
    broadcaster = socket.id;
    socket.broadcast.emit('broadcaster');
  });
  socket.on('watcher', () => {
    if (broadcaster) socket.to(broadcaster).emit('watcher', socket.id);
  });
  for (const what of ['offer', 'answer', 'candidate'])
    socket.on(what, (id, message) => socket.to(id).emit(what, socket.id, message));
  const leave = () => {
    if (broadcaster) socket.to(broadcaster).emit('disconnectPeer', socket.id);
  };
  socket.on('stop', leave);
  socket.on('disconnect', leave);
});

listen(http);
