// An app behind a login and TLS: POST /api/login gives a ticket and a cookie, both of which the socket wants;
// Socket.IO at /chat/, which begins by polling. It needs CERTIFICATE, a PEM file with its key.

import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';

import { packages, say } from './app.mjs';

const { Server } = packages('socket.io');
const pem = readFileSync(process.env.CERTIFICATE);

const tickets = new Map(); // by cookie
const http = createServer({ key: pem, cert: pem }, (request, response) => {
  if (request.url !== '/api/login' || request.method !== 'POST') return; // Socket.IO's own
  let body = '';
  request.on('data', (data) => (body += data));
  request.on('end', () => {
    const { name, password } = JSON.parse(body);
    if (password !== 'open sesame') return response.writeHead(403).end('wrong password');
    const [cookie, ticket] = [`c${tickets.size}`, `t-${name}`];
    tickets.set(cookie, ticket);
    response.setHeader('Set-Cookie', `sid=${cookie}; Path=/; Secure; HttpOnly`);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ ticket }));
  });
});
const io = new Server(http, { path: '/chat/', cors: { origin: 'https://app.example.net', credentials: true } });

io.use((socket, next) => {
  const { cookie, origin } = socket.handshake.headers;
  const sid = /sid=(\w+)/.exec(cookie ?? '')?.[1];
  const is_in = tickets.get(sid) === socket.handshake.auth.ticket && socket.handshake.query.v === '2';
  next(is_in && origin === 'https://app.example.net' ? undefined : new Error('log in first'));
});
io.on('connection', (socket) => {
  socket.on('join', (room) => {
    socket.emit('members', [...(io.sockets.adapter.rooms.get(room) ?? [])]);
    socket.join(room);
    socket.on('signal', ({ to, d }) => io.to(to).emit('signal', { from: socket.id, d }));
  });
});

http.listen(0, '127.0.0.1', () => say(http, 'https'));
