import asyncio, json, random
import nats.micro

async def main():
    bus = await nats.connect("nats://127.0.0.1:4222")

    async def hear(request):
        said = json.loads(request.data)
        if said.get("message") == "!roll":
            text = f"{said['user']} rolls {random.randint(1, 6)}"
            answer = {"room": said["room"], "user": "Dice", "message": text}
            await bus.publish("troupe.async.send_to_room", json.dumps(answer).encode())

    bot = await nats.micro.add_service(bus, name="dice", version="1.0.0")
    await bot.add_endpoint(name="hear", subject="troupe.rooms.>", handler=hear)
    await asyncio.Event().wait()

asyncio.run(main())
