// Never run: the compiler is the test.
import type { Client } from 'troupe-client';
import { useConnection, useRoom, useTopic } from 'troupe-client/react';

interface App {
  topics: { 'prices.*': { bid: number } };
  rooms: { lobby: string };
}

export function Page(): string {
  const { client, state } = useConnection<App>('wss://example.org/ws', { user: 'Ann' });
  const typed: Client<App> = client;
  const { messages, people, say, missed } = useRoom(typed, 'lobby', { presence: true, history: 20, limit: 50 });
  const { last, publish } = useTopic(client, 'prices.eur');
  say('hello');
  // @ts-expect-error another type
  say({ text: 'hello' });
  // @ts-expect-error no such room
  useRoom(client, 'attic');
  publish({ bid: 1 });
  // @ts-expect-error another type
  publish({ ask: 1 });
  const said: string[] = messages.map(({ message }) => message);
  const bid: number | undefined = last?.data.bid;
  return `${state} ${said} ${people.length} ${missed} ${bid}`;
}
