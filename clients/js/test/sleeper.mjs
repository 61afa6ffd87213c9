// A client that is stopped for longer than its patience, and continued.
import { connect } from '../dist/troupe.js';

const client = connect(process.argv[2], { pingMs: 500, deadMs: 500 });
client.on('state', ({ state }) => console.log(state));
client.room('sleep').on('position', () => console.log('a member'));
client.room('sleep').on('message', ({ message }) => console.log(message));
