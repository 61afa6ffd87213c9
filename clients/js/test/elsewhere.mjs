// Runs under Deno and Bun as well as Node.js: enters a room, says something, and comes back when it has been cut off.
//   elsewhere.mjs WS_URL ROOM; prints what it hears, and ends at the message `end`.
import { connect } from '../dist/troupe.js';

const [url, name] = globalThis.Deno?.args ?? process.argv.slice(2);
const client = connect(url, { baseMs: 20, maxMs: 100 });
const room = client.room(name);
const done = new Promise((end) => {
  room.on('message', ({ message, offset }) => {
    console.log(`${offset} ${message}`);
    if (message === 'end') end();
  });
});
room.on('position', ({ recovered }) => console.log(recovered ? 'recovered' : 'not recovered'));
client.on('state', ({ state }) => console.log(state));
client.on('error', (error) => console.log(`error ${error.message}`));
await room.say('said');
await done;
client.close();
