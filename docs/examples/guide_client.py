"""The Python client of the guide, with a reconnect: only `websockets`, none of our packages."""

import asyncio
import json

import websockets

URL = "ws://127.0.0.1:8081/ws"


async def talk(websocket):
    await websocket.send(json.dumps({"type": "subscribe", "topics": ["order.update", "payments"]}))
    async for text in websocket:
        frame = json.loads(text)
        if frame["type"] == "ping":
            await websocket.send('{"type":"pong"}')
        elif frame["type"] == "subscribed":
            print("live", flush=True)
        elif frame["type"] == "order_update":
            print("order", frame["data"]["order_id"], flush=True)
        elif frame["type"] == "payment_completed":
            print("order", frame["order_id"], "is paid:", frame["amount"], flush=True)


async def main():
    wait = 1
    while True:
        try:
            async with websockets.connect(URL) as websocket:
                wait = 1
                await talk(websocket)
                code, reason = websocket.close_code, websocket.close_reason
        except websockets.ConnectionClosed as closed:
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
        except (OSError, websockets.WebSocketException) as failure:
            code, reason = 1006, str(failure)
        print("closed:", code, reason, flush=True)
        if code in (1008, 4403):
            return
        await asyncio.sleep(wait)
        wait = min(wait * 2, 30)


asyncio.run(main())
