// Named users on a plain WebSocket: log in, and send an offer to a name. Nothing rings.
//
// Sins: nothing looks whether a socket still lives, so a name stays taken as long as the kernel thinks
// that there is somebody; an offer to nobody is not answered.

import { listen, packages, webServer } from './app.mjs';

const { WebSocketServer } = packages('ws');

const http = webServer();
const server = new WebSocketServer({ server: http });
const users = {};

server.on('connection', (connection) => {
  const send = (to, message) => to?.send(JSON.stringify(message));
  const part = () => {
    const other = users[connection.other];
    connection.other = null;
    if (!other) return;
    other.other = null;
    send(other, { type: 'leave' });
  };

  connection.on('message', (text) => {
    const { type, name, ...body } = JSON.parse(text);
    if (type === 'login') {
      if (users[name]) return send(connection, { type: 'login', success: false });
      users[name] = connection;
      connection.name = name;
      return send(connection, { type: 'login', success: true });
    }
    if (type === 'leave') return part();
    if (type === 'offer' || type === 'answer') connection.other = name;
    send(users[name], { type, ...body, ...(type === 'offer' && { name: connection.name }) });
  });
  connection.on('close', () => {
    if (!connection.name) return;
    part();
    delete users[connection.name];
  });
});

listen(http);
