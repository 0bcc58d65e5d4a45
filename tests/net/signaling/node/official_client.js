// The official socket.io-client as a user of our server: does the scenario named in its arguments
// and prints what it saw, one JSON object a line.
//   node official_client.js <url> <transports, comma separated> <scenario>
"use strict";
const { io } = require("socket.io-client");

const [url, transports, scenario] = process.argv.slice(2);
const options = { transports: transports.split(","), forceNew: true, reconnection: false };
const print = (seen) => console.log(JSON.stringify(seen));
const next = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
const ask = (socket, event, ...args) => socket.timeout(5000).emitWithAck(event, ...args);

async function connected(more = {}) {
  const socket = io(url, { ...options, ...more });
  await next(socket, "connect");
  return socket;
}

// Over polling the goodbye is a post, which must not die with the process.
function goodbye(socket) {
  const closed = next(socket.io.engine, "close");
  socket.disconnect();
  return closed;
}

const scenarios = {
  async room() {
    const ann = await connected();
    print({ ann: await ask(ann, "join", { room: "r", user: "ann" }) });
    const ben = await connected();
    const joined = next(ann, "peer-joined");
    print({ ben: await ask(ben, "join", { room: "r", user: "ben" }), annSaw: await joined });

    const sdp = "v=0\r\n" + "a=x:\u00fc\u{1F600}\r\n".repeat(20000);
    const signal = next(ann, "signal");
    const ack = await ask(ben, "signal", { to: ann.id, data: { type: "offer", sdp } });
    const { from, data } = await signal;
    print({ signal: ack, same: from === ben.id && data.sdp === sdp, bytes: sdp.length });

    for (const socket of [ann, ben])
      if (options.transports.length > 1 && socket.io.engine.transport.name !== "websocket")
        await next(socket.io.engine, "upgrade");
    print({ transports: [ann, ben].map((socket) => socket.io.engine.transport.name) });

    const left = next(ann, "peer-left");
    print({ leave: await ask(ben, "leave", {}), left: (await left).id === ben.id });
    await goodbye(ann);
    await goodbye(ben);
  },

  async refusals() {
    const ann = await connected();
    print({ unknown: await ask(ann, "dance", 1, "two", null) });
    print({ binary: await ask(ann, "signal", { to: ann.id, data: Buffer.from([1, 2, 3]) }) });
    print({ early: await ask(ann, "signal", { to: ann.id, data: {} }) });
    print({ nameless: await ask(ann, "join", { room: "", user: "ann" }) });
    print({ joined: (await ask(ann, "join", { room: "r", user: "ann" })).ok });
    print({ twice: await ask(ann, "join", { room: "r2", user: "ann" }) });
    const nope = io(url + "/nope", options);
    print({ namespace: (await next(nope, "connect_error")).message });
    nope.close();
    await goodbye(ann);
  },

  async reconnect() {
    const ann = await connected({ reconnection: true, reconnectionDelay: 10 });
    const first = ann.id;
    ann.io.engine.close();
    await next(ann, "connect");
    print({ fresh: ann.id !== first, ack: (await ask(ann, "join", { room: "r", user: "ann" })).ok });
    await goodbye(ann);
  },

  async pings() {
    const ann = await connected();
    for (let i = 0; i < 4; i++) await next(ann.io, "ping");
    print({ alive: ann.connected, ok: (await ask(ann, "join", { room: "r", user: "a" })).ok });
    await goodbye(ann);
  },

  async too_big() {
    const ann = await connected();
    ann.emit("signal", { to: "x", data: { sdp: "x".repeat(2000000) } });
    print({ disconnected: await next(ann, "disconnect") });
  },
};

scenarios[scenario]().then(
  () => process.exit(0),
  (error) => {
    print({ error: String(error) });
    process.exit(1);
  },
);
