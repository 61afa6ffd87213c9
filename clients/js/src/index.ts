// troupe-client: everything but what is for React.
export { connect, type Client, type ClientEvents } from './client.js';
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
