// Random chat, as such tutorials have it: a queue, two who come are a pair, and the app says who offers.
//
// Sins: who vanishes stays in the queue and is matched with the next one who comes; the partner of who
// vanishes is not told.

import { listen, packages, webServer } from './app.mjs';

const { Server } = packages('socket.io');

const http = webServer('random-chat.html');
const io = new Server(http);
const queue = [];
const partners = new Map();

io.on('connection', (socket) => {
  const leave = () => {
    const at = queue.indexOf(socket.id);
    if (at >= 0) queue.splice(at, 1);
    const partner = partners.get(socket.id);
    partners.delete(socket.id);
    if (!partner) return;
    partners.delete(partner);
    io.to(partner).emit('partner-left');
  };

  socket.on('find-partner', () => {
    leave();
    const partner = queue.shift();
    if (!partner) {
      queue.push(socket.id);
      socket.emit('waiting');
      return;
    }
    partners.set(socket.id, partner);
    partners.set(partner, socket.id);
    io.to(partner).emit('matched', { partnerId: socket.id, initiator: true });
    socket.emit('matched', { partnerId: partner, initiator: false });
  });

  for (const what of ['offer', 'answer', 'ice-candidate'])
    socket.on(what, ({ to, ...rest }) => io.to(to).emit(what, { from: socket.id, ...rest }));

  socket.on('leave-chat', leave);
});

listen(http);
