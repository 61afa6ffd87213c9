// What a client can be told when it is made, and what it does otherwise.

/** Why a token is wanted. */
export type TokenReason = 'connect' | 'expired' | 'invalid' | 'refresh';
export type TokenProvider = (reason: TokenReason) => string | Promise<string>;

/** What to do with a request while there is no connection. */
export type Offline = 'wait' | 'reject';

type WebSocketClass = new (url: URL, protocols: string[]) => WebSocket;

export interface Options {
  /** A JWT, or a function that gets one. Only a function can bring a new one when the first has expired. */
  token?: string | TokenProvider;
  /** The name to be shown of a client without a token. */
  user?: string;
  /** Requests that are made without a connection wait for one (the default), or are rejected at once. */
  offline?: Offline;
  /** So many requests may wait for a connection (256). */
  waitingMax?: number;
  /** An answer takes at most so long, waiting for a connection included (30 s). */
  deadlineMs?: number;
  /** The first delay before it reconnects is at most `baseMs` (1 s); it doubles up to `maxMs` (30 s). */
  baseMs?: number;
  maxMs?: number;
  /** An attempt to connect ends after so long (10 s). */
  attemptMs?: number;
  /** A connection that has held so long starts the delays over (5 s). */
  resetMs?: number;
  /** So long without a word of the server's, and it is asked (its heartbeat and 5 s). */
  pingMs?: number;
  /** So long without an answer to that, and the connection is lost (10 s). */
  deadMs?: number;
  /** The last listener has gone so long when its room or topic is left (100 ms). */
  leaveMs?: number;
  /** For a JavaScript without `WebSocket`, such as older Node: the class of the package `ws`. */
  WebSocket?: unknown;
}

export type Settings = Required<Omit<Options, 'token' | 'user' | 'pingMs' | 'WebSocket'>> & {
  token?: string | TokenProvider;
  user?: string;
  pingMs?: number;
  WebSocket: WebSocketClass;
};

export function settingsOf(options: Options): Settings {
  const settings: any = { ...options };
  const defaults: any = {
    offline: 'wait',
    waitingMax: 256,
    deadlineMs: 30_000,
    baseMs: 1_000,
    maxMs: 30_000,
    attemptMs: 10_000,
    resetMs: 5_000,
    deadMs: 10_000,
    leaveMs: 100,
    WebSocket: globalThis.WebSocket,
  };
  for (const name in defaults) settings[name] ??= defaults[name];
  return settings;
}
