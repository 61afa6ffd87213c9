// The client: puts the parts together.
import type { PatternData, PatternName, RoomContent, RoomName, Rpc, TopicData, TopicName } from './app.js';
import { createConnection, type ConnectionState } from './connection.js';
import type { Core } from './core.js';
import { createHandle } from './create_handle.js';
import type { Announcement, Authenticated, Frame, Notification } from './frames.js';
import type { ListenOptions } from './handle.js';
import { createListeners, undoing, type Listener } from './listeners.js';
import { checkName } from './names.js';
import { settingsOf, type Options } from './options.js';
import { createRequests, type RequestOptions } from './requests.js';
import type { Room } from './room.js';
import type { Kind } from './stream.js';
import { createSubscriptions } from './subscriptions.js';
import type { Cancel } from './timers.js';
import type { Pattern, Topic } from './topic.js';

/** What a client tells of itself and of the whole server, by name. */
export interface ClientEvents {
  state: ConnectionState;
  /** What a listener has thrown, or what the server has refused without having been asked. */
  error: unknown;
  announcement: Announcement;
  notification: Notification;
  authenticated: Authenticated;
  /** Each frame as it has come. */
  frame: Frame;
}

export interface Client<App = object> {
  readonly state: ConnectionState['state'];
  /** Calls the listener with each event; the result takes it away. */
  on<Type extends keyof ClientEvents>(
    type: Type,
    listener: (event: ClientEvents[Type]) => unknown,
    options?: ListenOptions,
  ): Cancel;
  on(type: string, listener: (frame: any) => unknown, options?: ListenOptions): Cancel;
  room<const Name extends string>(name: RoomName<App, Name>): Room<RoomContent<App, Name>>;
  topic<const Name extends string>(name: TopicName<App, Name>): Topic<TopicData<App, Name>>;
  /** All topics that match: `*` is one part of a name, `>` one or more. */
  pattern<const Name extends string>(name: PatternName<App, Name>): Pattern<PatternData<App, Name>>;
  /** Calls a method of a back-end service. */
  rpc: Rpc<App>;
  /** Any request of the protocol, `admin_command` for example; the answer as it comes. */
  request(frame: { type: string; [field: string]: unknown }, options?: RequestOptions): Promise<Frame>;
  /** Ends everything, now and for good. */
  close(): void;
}

/** Connects to a server, `wss://example.org/ws`, and stays connected until it is closed. */
export function connect<App = object>(url: string, options: Options = {}): Client<App> {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace('http', 'ws');
  if (options.user) address.searchParams.set('user', options.user);
  const listeners = createListeners();
  let flushing = false;

  const core = {
    _settings: settingsOf(options),
    _state: 'connecting',
    _closing: new Set(),
    _whenClosed(close: Cancel) {
      core._closing.add(close);
      return () => core._closing.delete(close);
    },
    _emit: (type: string, event: unknown) => listeners._emit(type, event, core._report),
    _report(error: unknown) {
      // A listener for errors that throws itself has nobody else to be told to.
      if (!listeners._emit('error', error, console.error)) console.error(error);
    },
    _flushSoon() {
      if (!flushing) queueMicrotask(core._flush);
      flushing = true;
    },
    _flush() {
      flushing = false;
      if (core._state !== 'open') return;
      core._flushSubscriptions();
      core._flushRequests();
    },
  } as unknown as Core;
  Object.assign(core, createRequests(core), createSubscriptions(core), createConnection(address, core));

  const handle = (kind: Kind) => (name: string): any => {
    checkName(name, kind === 'topic');
    return (core._streamOf(kind, name)._handle ??= createHandle(core, kind, name));
  };

  queueMicrotask(core._attempt); // behind whoever wants to hear of it
  return {
    get state() {
      return core._state;
    },
    on(type: string, listener: Listener, { signal }: ListenOptions = {}): Cancel {
      return undoing(signal, listeners._add(type, listener));
    },
    room: handle('room'),
    topic: handle('topic'),
    pattern: handle('topic'),
    rpc: async (service: string, method: string, params?: object, options?: RequestOptions) =>
      (await core._request({ type: 'rpc', service, method, params }, options)).result,
    request: core._request,
    close: () => core._end(1000),
  } as Client<any>; // its types are only for its users
}
