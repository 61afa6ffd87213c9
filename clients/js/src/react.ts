// troupe-client/react: a connection, a room and a topic as hooks. However often React mounts a component, and whatever a
// hot reload runs again, there is one socket for one URL.
import { useEffect, useReducer, useSyncExternalStore } from 'react';
import {
  connect,
  type Cancel,
  type Client,
  type ConnectionState,
  type ErrorFrame,
  type Message,
  type Options,
  type Person,
  type Publication,
  type Room,
  type Topic,
} from 'troupe-client';
import type { RoomContent, RoomName, TopicData, TopicName } from './app.js';

/** How long a connection that nobody uses stays: between two mounts, and between a first render and its mount. */
const LINGER_MS = 5_000;

interface Shared {
  client: Client<any>;
  listen: (changed: () => void) => Cancel;
  users: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** Outlives a hot reload of this module, and other copies of it. */
const all: Map<string, Shared> = ((globalThis as any)[Symbol.for('troupe-client')] ??= new Map());

function closeLater(url: string, shared: Shared): void {
  clearTimeout(shared.timer);
  shared.timer = setTimeout(() => {
    if (shared.users) return;
    all.delete(url);
    shared.client.close();
  }, LINGER_MS);
}

function share(url: string, options?: Options): Shared {
  let shared = all.get(url);
  if (!shared) {
    const client = connect(url, options);
    shared = { client, listen: client.on.bind(null, 'state'), users: 0 };
    // Where a page is only written, nobody listens.
    if (globalThis.window) {
      all.set(url, shared);
      closeLater(url, shared);
    } else client.close();
  }
  return shared;
}

/**
 * The client for this URL, the same for all components, and its state. The options are those of the first one that asks.
 * It is closed when no component uses it any more.
 */
export function useConnection<App = object>(url: string, options?: Options): { client: Client<App>; state: ConnectionState['state'] } {
  const shared = share(url, options);
  const { client } = shared;
  useEffect(() => {
    shared.users++;
    return () => {
      shared.users--;
      closeLater(url, shared);
    };
  }, [shared]);
  return {
    client,
    state: useSyncExternalStore(
      shared.listen,
      () => client.state,
      () => 'connecting' as const,
    ),
  };
}

interface Seen<Kept> {
  frames: Kept[];
  people: Person[];
  /** Something is missing among what was seen. */
  missed?: boolean;
  error?: ErrorFrame;
}

export interface SeenOptions {
  /** So many of the last messages are kept. */
  limit?: number;
  /** Also be told who is there. */
  presence?: boolean;
  /** Begin with so many messages of before, and again where something was missed. */
  history?: number;
}

/** A user has no `from`, and a connection without a token no `user_id`. */
const keyOf = ({ user_id, from }: Partial<Person>): string => user_id! + from;

type Change = (seen: Seen<any>, frame: any, limit: number) => Partial<Seen<any>> | void;

const NOTHING: Seen<any> = { frames: [], people: [] };
const ignored: Change = () => {};

/** What a frame changes, by its type. */
const CHANGES: Record<string, Change> = {
  __proto__: null as any,
  signal: ignored,
  user_joined: ignored,
  user_left: ignored,
  left: ignored,
  unsubscribed: ignored,
  error: (_, error) => ({ error }),
  gap: () => ({ missed: true }),
  position: ({ missed, frames: [any] }, { recovered }) => ({ missed: missed || (any && !recovered), error: undefined }),
  presence: (_, { users: people = [] }) => ({ people }),
  presence_diff({ people }, { joins = [], updates = [], leaves = [] }) {
    const there = new Map(people.map((person) => [keyOf(person), person]));
    leaves.forEach((person: Person) => there.delete(keyOf(person)));
    joins.concat(updates).forEach((person: Person) => there.set(keyOf(person), person));
    return { people: [...there.values()] };
  },
  history: ({ frames }, { messages, offset: last }, limit) => ({
    missed: false,
    frames: messages.concat(frames.filter(({ offset }) => offset > last)).slice(-limit),
  }),
};
const append: Change = ({ frames }, frame, limit) => ({ frames: frames.concat(frame).slice(-limit) });

function useSeen(handle: Room | Topic, { limit = 100, presence, history }: SeenOptions): Seen<any> {
  const [seen, add] = useReducer(
    // Without a frame it begins anew.
    (before: Seen<any>, frame: any) => (frame ? { ...before, ...(CHANGES[frame.type] ?? append)(before, frame, limit) } : NOTHING),
    NOTHING,
  );
  useEffect(() => {
    const ask = (page: Promise<any>): Promise<void> => page.then(add, ({ frame }) => frame && add(frame));
    const askBefore = (): unknown => history && ask(handle.history({ limit: history }));
    const offs = [
      (handle as Room).on('*', (frame) => {
        add(frame);
        if (frame.type === 'position' && !frame.recovered) askBefore();
      }),
    ];
    // Where others have entered before, nothing comes by itself.
    if (handle.position.epoch) askBefore();
    if (presence) {
      offs.push((handle as Room).on('presence', ignored as () => void));
      ask(handle.presence());
    }
    return () => {
      offs.forEach((off) => off());
      add(null);
    };
  }, [handle, presence, history]);
  return seen;
}

/** A room that this component is a member of: its last messages, and who is there. */
export function useRoom<App, const Name extends string>(client: Client<App>, name: RoomName<App, Name>, options: SeenOptions = {}) {
  const room = client.room(name) as Room<RoomContent<App, Name>>;
  const { frames, ...seen } = useSeen(room as Room, options);
  return { room, say: room.say, messages: frames as Message<RoomContent<App, Name>>[], ...seen };
}

/** A topic, or a pattern of topics, that this component listens to: the last publications. */
export function useTopic<App, const Name extends string>(client: Client<App>, name: TopicName<App, Name>, options: SeenOptions = {}) {
  const topic = client.topic(name) as Topic<TopicData<App, Name>>;
  const { frames, ...seen } = useSeen(topic as Topic, options);
  const publications = frames as Publication<TopicData<App, Name>, string>[];
  return { topic, publish: topic.publish, publications, last: publications.at(-1), ...seen };
}

