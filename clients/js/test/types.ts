// Never run: the compiler is the test. What is marked as an error must be one.
import { connect, type Client, type Position } from 'troupe-client';

interface Price {
  bid: number;
}
interface App {
  topics: { 'prices.*': Price; 'prices.special': { note: string }; 'log.>': string; news: string };
  rooms: { lobby: string; 'team.*': { text: string } };
  rpc: { orders: { create(params: { item: number }): { id: number }; list(): string[] } };
}
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._: Same<A, B> extends true ? [] : [never]): void => {};

const client = connect<App>('wss://example.org/ws', { token: async (reason) => `${reason}` });
declare const symbol: string;

// Topics, by name and by pattern.
client.topic('news').on('publication', ({ data, offset }) => (same<typeof data, string>(), same<typeof offset, number | undefined>()));
client.topic('prices.eur').on('publication', ({ data }) => same<typeof data, Price>());
client.topic(`prices.${symbol}`).on('publication', ({ data }) => same<typeof data, Price>());
client.topic('prices.special').on('publication', ({ data }) => same<typeof data, { note: string }>());
client.topic('log.a.b.c').on('publication', ({ data }) => same<typeof data, string>());
client.topic('news').on('breaking', ({ data }) => same<typeof data, string>());
same<Awaited<ReturnType<(typeof topic)['publish']>>, Position>();
const topic = client.topic('prices.usd');
topic.publish({ bid: 1 }, { ttl_ms: 100, except_me: true, event: 'tick' });
// @ts-expect-error another type
topic.publish({ bid: '1' });
// @ts-expect-error a name that the application does not have
client.topic('prise.eur');
// @ts-expect-error two parts where the pattern has one
client.topic('prices.eur.usd');
// @ts-expect-error a room is no topic
client.topic('lobby');

// Patterns bring all that they match.
client.pattern('prices.*').on('publication', ({ data }) => same<typeof data, Price | { note: string }>());
client.pattern('log.>').on('publication', ({ data }) => same<typeof data, string>());
client.pattern('>').on('publication', ({ data }) => same<typeof data, Price | { note: string } | string>());
// @ts-expect-error nothing is called so
client.pattern('orders.*');
// @ts-expect-error nobody publishes to a pattern
client.pattern('prices.*').publish({ bid: 1 });

// Rooms.
const lobby = client.room('lobby');
lobby.say('hello');
lobby.on('message', ({ message, user, from }) => (same<typeof message, string>(), same<typeof user, string>(), same<typeof from, string>()));
lobby.on('gap', ({ offset }) => same<typeof offset, number | undefined>());
lobby.on('poll_opened', (frame) => frame.options);
// @ts-expect-error another type
lobby.say({ text: 'hello' });
// @ts-expect-error rooms are not published to
lobby.publish('hello');
client.room('team.red').say({ text: 'hello' });
// @ts-expect-error a name that the application does not have
client.room('attic');

// Loops tell frames apart by their type.
async function loop(): Promise<void> {
  for await (const frame of lobby) {
    if (frame.type === 'message') same<typeof frame.message, string>();
    if (frame.type === 'position') same<typeof frame.recovered, boolean>();
  }
  for await (const frame of client.topic('prices.eur').frames({ max: 10 })) {
    if (frame.type === 'publication') same<typeof frame.data, Price>();
  }
}

// Services.
async function calls(): Promise<void> {
  const created = await client.rpc('orders', 'create', { item: 7 });
  same<typeof created, { id: number }>();
  const listed = await client.rpc('orders', 'list');
  same<typeof listed, string[]>();
  // @ts-expect-error another type
  client.rpc('orders', 'create', { item: '7' });
  // @ts-expect-error no parameters
  client.rpc('orders', 'create');
  // @ts-expect-error no such method
  client.rpc('orders', 'destroy', {});
  // @ts-expect-error no such service
  client.rpc('order', 'create', { item: 7 });
}

// States.
client.on('state', (state) => {
  if (state.state === 'waiting') same<typeof state.delay, number>();
  // @ts-expect-error only while it waits
  void state.delay;
});

// Without an interface, anything goes.
const loose: Client = connect('/ws');
loose.topic('a.b').publish({ any: 'thing' });
loose.room('r').on('message', ({ message }) => message.whatever);
loose.rpc('s', 'm', { x: 1 }).then((result) => result.whatever);
// What the interface leaves out may be anything.
connect<{ rooms: { lobby: string } }>('/ws').topic('free').publish(1);

// @ts-expect-error a provider gives a text
connect('/ws', { token: () => 7 });
// @ts-expect-error no such choice
connect('/ws', { offline: 'drop' });

export { calls, loop };
