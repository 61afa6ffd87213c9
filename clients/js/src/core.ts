// What the parts of one client know of each other: each part is made with the core, and gives it what it can do.
import type { ConnectionPart, ConnectionState } from './connection.js';
import type { Report } from './listeners.js';
import type { Settings } from './options.js';
import type { RequestsPart } from './requests.js';
import type { SubscriptionsPart } from './subscriptions.js';
import type { Cancel } from './timers.js';

export interface Core extends ConnectionPart, RequestsPart, SubscriptionsPart {
  _settings: Settings;
  _state: ConnectionState['state'];
  /** What is to be done when the client is closed. */
  _closing: Set<() => void>;
  /** Adds to that; the result takes it back. */
  _whenClosed(close: () => void): Cancel;
  /** To the listeners of the client itself. Whether there was one for this very type. */
  _emit(type: string, event: unknown): boolean;
  /** Something went wrong that nobody awaits. */
  _report: Report;
  /** Everything that is asked for in one turn of the program goes out at its end. */
  _flushSoon(): void;
  _flush(): void;
}
