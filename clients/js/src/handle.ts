// What the program has in its hands of a room or a topic. Any number of them for one name share one subscription.
import type { ErrorFrame, Gap, History, Left, Position, Presence, PresenceDiff, Signal, Stands } from './frames.js';
import type { EVERY } from './listeners.js';
import type { RequestOptions } from './requests.js';
import type { Cancel } from './timers.js';

export interface ListenOptions {
  /** Aborting it takes the listener away. */
  signal?: AbortSignal;
}

export interface EnterOptions extends ListenOptions {
  /** Also be told who is there. */
  presence?: boolean;
}

export interface LoopOptions extends EnterOptions {
  /** So many frames wait for the loop (1,000); more, and the oldest become a gap. */
  max?: number;
}

/** What says how a message is delivered: docs/delivery.md. */
export interface DeliveryOptions extends RequestOptions {
  to?: { role: string };
  except_me?: boolean;
  ttl_ms?: number;
}

export interface HistoryQuery {
  limit?: number;
  before?: number;
  after?: number;
}

export interface PresenceQuery {
  limit?: number;
  after?: string;
}

/** Frames that come in rooms and on topics alike, by type. */
export interface CommonFrames<Kept> {
  signal: Signal;
  presence: Presence;
  presence_diff: PresenceDiff;
  history: History<Kept>;
  gap: Gap;
  position: Stands;
  error: ErrorFrame;
}

export type CommonFrame<Kept> = Signal | Presence | PresenceDiff | History<Kept> | Gap | Stands | Left | ErrorFrame;

/**
 * What rooms, topics and patterns have in common. `Frames` has the type of each frame by its name, and of any frame by
 * `*`; `Other` is what all others are.
 */
export interface Handle<Frames extends { [EVERY]: unknown }, Other = any> extends AsyncIterable<Frames[typeof EVERY]> {
  readonly name: string;
  /** Up to where everything has been heard. */
  readonly position: Position;
  /**
   * Calls the listener with each frame of a type; `*` is every type. It is entered for the first listener and left after
   * the last. The result takes the listener away.
   */
  on<Type extends keyof Frames>(type: Type, listener: (frame: Frames[Type]) => unknown, options?: ListenOptions): Cancel;
  on<Type extends string>(
    type: Type extends keyof Frames ? never : Type,
    listener: (frame: Other) => unknown,
    options?: ListenOptions,
  ): Cancel;
  /** Each frame in turn. Leaving the loop, an aborted signal and the end of the client end it. */
  frames(options?: LoopOptions): AsyncIterable<Frames[typeof EVERY]>;
  /** Tells the others something that passes: typing, a cursor. `false` if there is no connection: it is lost. */
  signal(data: unknown): boolean;
  /** A page of what was said. */
  history(query?: HistoryQuery, options?: RequestOptions): Promise<History>;
  /** A page of who is there. */
  presence(query?: PresenceQuery, options?: RequestOptions): Promise<Presence>;
  /** What others see of this client here, on this and later connections; `null` takes it back. */
  setPresence(state: Record<string, unknown> | null, options?: RequestOptions): Promise<void>;
}
