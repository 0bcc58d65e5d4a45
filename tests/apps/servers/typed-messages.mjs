// Rooms on a plain WebSocket: one JSON object a message, with a type.
//
// Sins: it falls over a message that is no JSON, that comes before "join", or a candidate that is null;
// who is silent without closing stays in the room for ever.

import { listen, packages, webServer } from './app.mjs';

const { WebSocketServer } = packages('ws');

const http = webServer();
const server = new WebSocketServer({ server: http, path: '/ws' });
const rooms = new Map(); // by id, sockets by user id

server.on('connection', (socket) => {
  const send = (to, message) => to?.send(JSON.stringify(message));
  const leave = () => {
    const members = rooms.get(socket.roomId);
    if (members?.get(socket.userId) !== socket) return;
    members.delete(socket.userId);
    for (const other of members.values()) send(other, { type: 'peer-left', peerId: socket.userId });
    if (members.size === 0) rooms.delete(socket.roomId);
  };

  socket.on('message', (data) => {
    const message = JSON.parse(data);
    switch (message.type) {
      case 'join': {
        const members = rooms.get(message.roomId) ?? new Map();
        rooms.set(message.roomId, members);
        if (members.has(message.userId)) return send(socket, { type: 'error', code: 'already-in-room' });
        Object.assign(socket, { roomId: message.roomId, userId: message.userId });
        send(socket, { type: 'joined', peers: [...members.keys()] });
        for (const other of members.values()) send(other, { type: 'peer-joined', peerId: message.userId });
        members.set(message.userId, socket);
        break;
      }
      case 'offer':
      case 'answer':
        send(rooms.get(socket.roomId).get(message.to), { type: message.type, from: socket.userId, sdp: message.sdp });
        break;
      case 'candidate':
        send(rooms.get(socket.roomId).get(message.to), {
          type: 'candidate', from: socket.userId, candidate: message.candidate.candidate,
          sdpMLineIndex: message.candidate.sdpMLineIndex, sdpMid: message.candidate.sdpMid,
        });
        break;
      case 'leave':
        leave();
    }
  });
  socket.on('close', leave);
});

listen(http);
