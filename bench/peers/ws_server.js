// A room server with `ws` as its documentation shows broadcasting: the room is the path, what a
// member says goes to every member as it is.
const { WebSocketServer, WebSocket } = require("ws");

const rooms = new Map();
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2] ?? 0),
  backlog: 4096,
});

server.on("connection", (socket, request) => {
  const room = rooms.get(request.url) ?? new Set();
  rooms.set(request.url, room);
  room.add(socket);
  socket.on("error", console.error);
  socket.on("close", () => room.delete(socket));
  socket.on("message", (data, isBinary) => {
    for (const member of room) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary: isBinary });
    }
  });
});

server.on("listening", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
