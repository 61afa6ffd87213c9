"""The chat service of FastAPI's guide: a connection manager, and a loop that awaits each send."""

from datetime import datetime, timezone

from fastapi import FastAPI, WebSocket, WebSocketDisconnect


class ConnectionManager:
    def __init__(self):
        self.rooms: dict[str, list[WebSocket]] = {}

    async def connect(self, room_id: str, websocket: WebSocket):
        await websocket.accept()
        self.rooms.setdefault(room_id, []).append(websocket)

    def disconnect(self, room_id: str, websocket: WebSocket):
        self.rooms[room_id].remove(websocket)

    async def broadcast(self, room_id: str, message: dict):
        for connection in list(self.rooms[room_id]):
            await connection.send_json(message)


app = FastAPI()
manager = ConnectionManager()


@app.websocket("/chat/{room_id}")
async def chat(websocket: WebSocket, room_id: str):
    await manager.connect(room_id, websocket)
    try:
        while True:
            data = await websocket.receive_json()
            await manager.broadcast(
                room_id,
                {
                    "type": "message",
                    "room": room_id,
                    "user": data.get("user", "Anonymous"),
                    "message": data["message"],
                    "timestamp": datetime.now(timezone.utc).isoformat(),
                },
            )
    except WebSocketDisconnect:
        manager.disconnect(room_id, websocket)
