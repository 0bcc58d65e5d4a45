// Rooms on a plain WebSocket whose JSON goes in binary frames, by a subprotocol of its own. A text frame, or
// another protocol, is a reason to hang up.

import { packages, webServer, listen } from './app.mjs';

const { WebSocketServer } = packages('ws');

const http = webServer();
const server = new WebSocketServer({ server: http, handleProtocols: (offered) => offered.has('rooms.v2') && 'rooms.v2' });
const rooms = new Map();

server.on('connection', (socket) => {
  if (socket.protocol !== 'rooms.v2') return socket.close(1002, 'rooms.v2 is spoken here');
  const send = (to, message) => to?.send(Buffer.from(JSON.stringify(message)), { binary: true });
  socket.on('message', (data, is_binary) => {
    if (!is_binary) return socket.close(1003, 'binary frames, please');
    const message = JSON.parse(data);
    if (message.op === 'join') {
      const members = rooms.get(message.room) ?? [];
      rooms.set(message.room, members);
      socket.room = message.room;
      send(socket, { op: 'joined', you: members.length, peers: [...members.keys()] });
      members.push(socket);
    } else {
      const members = rooms.get(socket.room);
      send(members[message.to], { ...message, from: members.indexOf(socket) });
    }
  });
});

listen(http);
