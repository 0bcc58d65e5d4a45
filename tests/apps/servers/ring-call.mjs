// Calls that ring. Who accepts makes the offer.
//
// Sins: who vanishes in a call stays busy for ever, under the old name as under the new socket, and the
// other one is not told.

import { listen, packages, webServer } from './app.mjs';

const { Server } = packages('socket.io');

const http = webServer();
const io = new Server(http);
const sockets = new Map(); // socket ids by name
const busy = new Set(); // names

io.on('connection', (socket) => {
  let me;
  const tell = (name, event, body) => io.to(sockets.get(name)).emit(event, body);

  socket.on('register', (name) => {
    me = name;
    sockets.set(name, socket.id);
    socket.emit('registered', { name });
  });

  socket.on('call-user', ({ to }) => {
    if (!sockets.has(to)) return socket.emit('user-unavailable', { to });
    if (busy.has(to) || busy.has(me)) return socket.emit('user-busy', { to });
    tell(to, 'incoming-call', { from: me });
    socket.emit('ringing', { to });
  });

  socket.on('accept-call', ({ from }) => {
    busy.add(from).add(me);
    tell(from, 'call-accepted', { from: me });
  });
  socket.on('reject-call', ({ from }) => tell(from, 'call-rejected', { from: me }));

  socket.on('webrtc', ({ to, ...body }) => tell(to, 'webrtc', { from: me, ...body }));

  socket.on('end-call', ({ to }) => {
    busy.delete(me);
    busy.delete(to);
    tell(to, 'call-ended', { from: me });
  });

  socket.on('disconnect', () => {
    if (sockets.get(me) === socket.id) sockets.delete(me);
  });
});

listen(http);
