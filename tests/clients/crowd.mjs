// Many JavaScript clients in one process, for the show of a drain and a restart.
//   node crowd.mjs '{"module":"file:…","url":"ws://…","clients":500,"first":0}'
// Prints {"ready":n} when all are in their room and on their topic; then, for each line of standard input, a report.
import { createInterface } from 'node:readline';

const { module, url, clients, first } = JSON.parse(process.argv[2]);
const { connect } = await import(module);
const ROOMS = 100;

// `back`: places that were confirmed since the drain, and not recovered.
const report = { open: 0, back: { room: 0, topic: 0 }, recovered: 0, ended: [], errors: [] };
let places = 0;
let draining = false;

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** A place is confirmed: for the first time, or again after a reconnect. */
function confirmed(kind, { recovered }) {
  places++;
  if (!draining) {
    if (places === 2 * clients) print({ ready: clients });
  } else if (recovered) report.recovered++;
  else report.back[kind]++;
}

for (let number = first; number < first + clients; number++) {
  const client = connect(url);
  let isOpen = false;
  client.on('state', ({ state, code, reason }) => {
    if (isOpen && state !== 'open') report.open--;
    isOpen = state === 'open';
    if (isOpen) report.open++;
    if (state === 'closed') report.ended.push([code, reason]);
  });
  client.on('error', (error) => report.errors.push(error.code ?? String(error)));
  const topic = client.topic(`crowd.${number % ROOMS}`);
  const room = client.room(`crowd.${number % ROOMS}`);
  topic.on('position', (frame) => confirmed('topic', frame));
  room.on('position', (frame) => confirmed('room', frame));
}

for await (const line of createInterface({ input: process.stdin })) {
  draining ||= line === 'drain';
  print(report);
}
process.exit(0);
