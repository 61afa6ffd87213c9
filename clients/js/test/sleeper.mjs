// A client that is stopped for longer than its patience, and continued.
import { connect } from '../dist/troupe.js';

class Told extends WebSocket {
  send(text) {
    super.send(text);
    if (text.includes('"ping"')) console.log('ping');
  }
}
const client = connect(process.argv[2], { pingMs: 500, deadMs: 1_500, WebSocket: Told });
client.on('state', ({ state }) => console.log(state));
client.room('sleep').on('position', () => console.log('a member'));
client.room('sleep').on('message', ({ message }) => console.log(message));
