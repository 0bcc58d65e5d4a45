// The official socket.io server with the room protocol of docs/PROTOCOL.md, for our client.
// Prints {"port": n} and then what happens, one JSON object a line.
//   node official_server.js <options of socket.io as JSON> [deny | no-websocket]
"use strict";
const { createServer } = require("http");
const { Server } = require("socket.io");

const [options, twist] = process.argv.slice(2);
const print = (seen) => console.log(JSON.stringify(seen));
const http = createServer();
const io = new Server(http, JSON.parse(options));

if (twist === "no-websocket") {
  // As behind a proxy that lets no WebSocket through, while the server still offers the upgrade.
  http.removeAllListeners("upgrade");
  http.on("upgrade", (request, socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
}
if (twist === "deny") io.use((socket, next) => next(new Error("denied")));

io.on("connection", (socket) => {
  socket.conn.on("upgrade", () => print({ upgraded: socket.conn.transport.name }));
  socket.conn.on("heartbeat", () => print({ heartbeat: socket.id }));
  socket.on("join", async ({ room, user }, ack) => {
    const members = await io.in(room).fetchSockets();
    if (members.length >= 2) return ack({ ok: false, error: "room_full" });
    socket.data = { user, room };
    socket.join(room);
    socket.to(room).emit("peer-joined", { id: socket.id, user });
    const peers = members.map((member) => ({ id: member.id, user: member.data.user }));
    ack({ ok: true, id: socket.id, peers });
  });
  socket.on("signal", ({ to, data }) => io.to(to).emit("signal", { from: socket.id, data }));
  socket.on("leave", (_, ack) => {
    socket.to(socket.data.room).emit("peer-left", { id: socket.id });
    socket.leave(socket.data.room);
    ack({ ok: true });
  });
  socket.on("disconnect", (reason) => {
    if (socket.data.room) io.to(socket.data.room).emit("peer-left", { id: socket.id });
    print({ gone: reason, transport: socket.conn.transport.name });
  });
});

http.listen(0, "127.0.0.1", () => print({ port: http.address().port }));
