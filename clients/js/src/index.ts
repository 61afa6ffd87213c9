// troupe-client: everything but what is for React.
import { createClient, type Client } from './client.js';
import type { Options } from './options.js';

export type { Client, ClientEvents } from './client.js';
export type { ConnectionState } from './connection.js';
export { StopError, TroupeError } from './errors.js';
export type * from './frames.js';
export type {
  CommonFrame,
  CommonFrames,
  DeliveryOptions,
  EnterOptions,
  Handle,
  HistoryQuery,
  ListenOptions,
  LoopOptions,
  PresenceQuery,
} from './handle.js';
export type { Offline, Options, TokenProvider, TokenReason } from './options.js';
export type { RequestOptions } from './requests.js';
export type { Room, RoomFrames } from './room.js';
export type { Cancel } from './timers.js';
export type { Pattern, PublishOptions, Topic, TopicFrames } from './topic.js';

/** Connects to a server, `wss://example.org/ws`, and stays connected until it is closed. */
export function connect<App = {}>(url: string, options: Options = {}): Client<App> {
  return createClient(url, options);
}
