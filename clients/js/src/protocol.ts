// Every frame of Troupe's protocol (docs/protocol.md), as types alone: use `import type`.
// Printed by `troupe describe types` from what the server itself reads and writes. Don't edit.
//
//   ClientFrame    what a client sends; ServerFrame what it gets
//   KnownFrame     of the latter those whose type says what they are: narrow these by `type`
//   Answers        what answers a request; CommandResults what an admin's command brings back

/** Sends a message to a room. */
export interface MessageRequest {
  type: "message";
  /** The room; may be left out by a connection that is in one alone. */
  room?: Name;
  /** The name to be shown, of who has no token. */
  user?: DisplayName;
  /** The sender's own id of the message: with the same one it is not said again. */
  msg_id?: string;
  /** Any JSON value, which the server does not touch. */
  message?: unknown;
  /** The same as `message`, by another name. */
  content?: unknown;
  /** Only those whose token has this role. It has no offset then. */
  to?: { role: Role };
  /** Nobody gets it later than so many milliseconds from now. */
  ttl_ms?: number;
  /** Not to the connection that says it. */
  except_me?: boolean;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Publishes on a topic. */
export interface PublishRequest {
  type: "publish";
  /** The topic. */
  topic: Name;
  /** The `type` of the frame; default: `publication`. */
  event?: ClientEventType;
  /** The sender's own id of the message: with the same one it is not said again. */
  msg_id?: string;
  /** Any JSON value, which the server does not touch. */
  data: unknown;
  /** Only those whose token has this role. It has no offset then. */
  to?: { role: Role };
  /** Nobody gets it later than so many milliseconds from now. */
  ttl_ms?: number;
  /** Not to the connection that says it. */
  except_me?: boolean;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Tells the others something that passes: typing, a cursor. */
export interface SignalRequest {
  type: "signal";
  /** The room; may be left out by a connection that is in one alone. */
  room?: Name;
  /** The topic. */
  topic?: Name;
  /** The name to be shown, of who has no token. */
  user?: DisplayName;
  /** Any JSON value, which the server does not touch. */
  data: unknown;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Answers the server's `ping`; anything else does too. */
export interface PongRequest {
  type: "pong";
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Asks whether the server is there. */
export interface PingRequest {
  type: "ping";
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Listens to topics. Of `topics`, `topic` and `channel` the first that is there counts. */
export interface SubscribeRequest {
  type: "subscribe";
  /** Names of topics, or patterns of names. */
  topics?: TopicOrPattern[];
  /** One topic, or a pattern. */
  topic?: TopicOrPattern;
  /** One topic, or a pattern. */
  channel?: TopicOrPattern;
  /** What has been seen of topics, by their names; what was missed follows. */
  recover?: Record<string, Position>;
  /** true: to be told who is there, from now on; false: no more. */
  presence?: boolean;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Stops listening to topics. */
export interface UnsubscribeRequest {
  type: "unsubscribe";
  /** The texts that were subscribed to. */
  topics?: TopicOrPattern[];
  /** One of them. */
  topic?: TopicOrPattern;
  /** One of them. */
  channel?: TopicOrPattern;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Becomes a member of a room. */
export interface JoinRequest {
  type: "join";
  /** The room. */
  room: Name;
  /** The name to be shown in this room, of who has no token. */
  user?: DisplayName;
  /** What has been seen of the room; what was missed follows. */
  recover?: Position;
  /** true: to be told who is there, from now on; false: no more. */
  presence?: boolean;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Stops being a member. */
export interface LeaveRequest {
  type: "leave";
  /** The room. */
  room: Name;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Replaces the token before it expires. */
export interface RefreshRequest {
  type: "refresh";
  /** A new token of the same user. */
  token: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Tells all connections something. */
export interface AnnounceCommand {
  type: "admin_command";
  command: "announce";
  /** What is told. */
  text: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Sends a `notification` to all connections of a user, or to the user's inbox. */
export interface SendToUserCommand {
  type: "admin_command";
  command: "send_to_user";
  /** The user, by its token. */
  user_id: string | number;
  /** Any JSON value. */
  message: unknown;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Sends a `notification` to all connections of users with a role. */
export interface SendToRoleCommand {
  type: "admin_command";
  command: "send_to_role";
  /** The role. */
  role: string | number;
  /** Any JSON value. */
  message: unknown;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Closes all connections of a user. */
export interface KickCommand {
  type: "admin_command";
  command: "kick";
  /** The user, by its token. */
  user_id: string | number;
  /** Why, for people. */
  reason?: string;
  /** For so long the user may not come back; 0 lifts what there was. */
  deny_seconds?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Lets nobody in from an address or network for a time. */
export interface BanAddressCommand {
  type: "admin_command";
  command: "ban_address";
  /** An address, or a network such as `192.0.2.0/24`. */
  address: string;
  /** For so long. */
  seconds: number;
  /** Why, for people. */
  reason?: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Lifts such a ban. */
export interface LiftBanCommand {
  type: "admin_command";
  command: "lift_ban";
  /** An address, or a network such as `192.0.2.0/24`. */
  address: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Which bans there are. */
export interface BansCommand {
  type: "admin_command";
  command: "bans";
  /** The `next` of the page before. */
  after?: string;
  /** At most so many entries; default: 100. */
  limit?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Puts a user, or a connection, out of a room. */
export interface KickFromRoomCommand {
  type: "admin_command";
  command: "kick_from_room";
  /** The room. */
  room: Name;
  /** The user, by its token. */
  user_id?: string | number;
  /** The public id of a connection: the `from` of what it says. */
  connection_id?: string;
  /** For so long they may not come back; 0 lifts what there was. */
  deny_seconds?: number;
  /** Why, for people. */
  reason?: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Takes nothing from a user, or a connection, in a room for a time. */
export interface MuteCommand {
  type: "admin_command";
  command: "mute";
  /** The room. */
  room: Name;
  /** The user, by its token. */
  user_id?: string | number;
  /** The public id of a connection: the `from` of what it says. */
  connection_id?: string;
  /** For so long; 0 lifts what there was. */
  seconds: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Sends everybody out of a room and ends it. */
export interface CloseRoomCommand {
  type: "admin_command";
  command: "close_room";
  /** The room. */
  room: Name;
  /** Why, for people. */
  reason?: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Which rooms there are. */
export interface RoomsCommand {
  type: "admin_command";
  command: "rooms";
  /** The `next` of the page before. */
  after?: string;
  /** At most so many entries; default: 100. */
  limit?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Which topics there are. */
export interface TopicsCommand {
  type: "admin_command";
  command: "topics";
  /** The `next` of the page before. */
  after?: string;
  /** At most so many entries; default: 100. */
  limit?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** A room, and where it stands. */
export interface RoomCommand {
  type: "admin_command";
  command: "room";
  /** The room. */
  room: Name;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** A topic, and where it stands. */
export interface TopicCommand {
  type: "admin_command";
  command: "topic";
  /** The topic. */
  topic: Name;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** A connection: whose it is, and where. */
export interface ConnectionCommand {
  type: "admin_command";
  command: "connection";
  /** The public id of a connection: the `from` of what it says. */
  connection_id: string | number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** A user who is connected. */
export interface UserCommand {
  type: "admin_command";
  command: "user";
  /** The user, by its token. */
  user_id: string | number;
  /** The `next` of the page before. */
  after?: string;
  /** At most so many entries; default: 100. */
  limit?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Who is in a room or on a topic. */
export interface PresenceCommand {
  type: "admin_command";
  command: "presence";
  /** The room. */
  room?: Name;
  /** The topic. */
  topic?: Name;
  /** The `next` of the page before. */
  after?: string;
  /** At most so many entries; default: 100. */
  limit?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Which users are connected. */
export interface ConnectionsCommand {
  type: "admin_command";
  command: "connections";
  /** The `next` of the page before. */
  after?: string;
  /** At most so many entries; default: 100. */
  limit?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Takes no token with this `jti` for a time, and closes who is here with it. */
export interface DenyTokenCommand {
  type: "admin_command";
  command: "deny_token";
  /** The claim `jti` of the token. */
  jti: string;
  /** For so long; 0 lifts what there was. */
  seconds: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Past messages of a room or topic. */
export interface HistoryCommand {
  type: "admin_command";
  command: "history";
  /** The room. */
  room?: Name;
  /** The topic. */
  topic?: Name;
  /** At most so many messages; default: 100. */
  limit?: number;
  /** The last ones with smaller offsets than this. */
  before?: number;
  /** The first ones with larger offsets than this. */
  after?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Deletes what was said in a room or on a topic, or what one user said there. */
export interface ForgetHistoryCommand {
  type: "admin_command";
  command: "forget_history";
  /** The room. */
  room?: Name;
  /** The topic. */
  topic?: Name;
  /** The user; default: everybody. */
  user_id?: string | number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** How much there is of everything. */
export interface StatsCommand {
  type: "admin_command";
  command: "stats";
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** The name of a command. */
export type CommandName =
  | "announce"
  | "send_to_user"
  | "send_to_role"
  | "kick"
  | "ban_address"
  | "lift_ban"
  | "bans"
  | "kick_from_room"
  | "mute"
  | "close_room"
  | "rooms"
  | "topics"
  | "room"
  | "topic"
  | "connection"
  | "user"
  | "presence"
  | "connections"
  | "deny_token"
  | "history"
  | "forget_history"
  | "stats";

/** For users with the role `admin`. */
export type AdminCommandRequest =
  | AnnounceCommand
  | SendToUserCommand
  | SendToRoleCommand
  | KickCommand
  | BanAddressCommand
  | LiftBanCommand
  | BansCommand
  | KickFromRoomCommand
  | MuteCommand
  | CloseRoomCommand
  | RoomsCommand
  | TopicsCommand
  | RoomCommand
  | TopicCommand
  | ConnectionCommand
  | UserCommand
  | PresenceCommand
  | ConnectionsCommand
  | DenyTokenCommand
  | HistoryCommand
  | ForgetHistoryCommand
  | StatsCommand;

/** Calls a method of a back-end service. */
export interface RpcRequest {
  type: "rpc";
  /** The name of the service. */
  service: string;
  /** The name of its method. */
  method: string;
  /** What the method is given; default: an empty object. */
  params?: Record<string, unknown>;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Asks for past messages of a room or topic. `before` and `after` exclude each other. */
export interface HistoryRequest {
  type: "history";
  /** The room. */
  room?: Name;
  /** The topic. */
  topic?: Name;
  /** At most so many messages; default: 100. */
  limit?: number;
  /** The last ones with smaller offsets than this. */
  before?: number;
  /** The first ones with larger offsets than this. */
  after?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Asks who is in a room or on a topic. */
export interface PresenceRequest {
  type: "presence";
  /** The room. */
  room?: Name;
  /** The topic. */
  topic?: Name;
  /** The `next` of the page before. */
  after?: string;
  /** At most so many entries; default: 100. */
  limit?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Says what others see of one in a room or on a topic. */
export interface SetPresenceRequest {
  type: "set_presence";
  /** The room. */
  room?: Name;
  /** The topic. */
  topic?: Name;
  /** Any object; null takes it back. */
  state: Record<string, unknown> | null;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** All that a client may send. */
export type ClientFrame =
  | MessageRequest
  | PublishRequest
  | SignalRequest
  | PongRequest
  | PingRequest
  | SubscribeRequest
  | UnsubscribeRequest
  | JoinRequest
  | LeaveRequest
  | RefreshRequest
  | AdminCommandRequest
  | RpcRequest
  | HistoryRequest
  | PresenceRequest
  | SetPresenceRequest;

/** The first frame; with `room` where one is in a room already. */
export interface ConnectionFrame {
  type: "connection";
  /** A greeting. */
  message: string;
  /** The public id of a connection: the `from` of what it says. */
  connection_id: string;
  /** Brought back as `?session=`, it makes the next connection the same sender. */
  session: string;
  /** The server sends `ping` each time so many seconds are over. */
  heartbeat: number;
  /** The room one is in already. */
  room?: string;
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch?: string;
  /** The offset of the room's last message, or of the last that was seen if the rest follows. */
  offset?: number;
  /** Whether all that was missed follows. */
  recovered?: boolean;
  /** The offset where that ends. */
  top?: number;
}

/** The token is valid; and the answer to `refresh`. */
export interface AuthenticatedFrame {
  type: "authenticated";
  /** Who one is. */
  user: User;
  /** The topic of what is sent to the user. */
  inbox?: string;
  /** So many seconds until the token's `exp`. */
  expires_in?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** The heartbeat. */
export interface PingFrame {
  type: "ping";
}

/** Answers `ping`. */
export interface PongFrame {
  type: "pong";
  /** When it was said. */
  timestamp: Timestamp;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** A request failed; the connection stays. */
export interface ErrorFrame {
  type: "error";
  /** Why. */
  code: ErrorCode;
  /** A text for people. */
  message: string;
  /** After so many milliseconds it may go. */
  retry_after_ms?: number;
  /** The room that it is about. */
  room?: string;
  /** The topic that it is about. */
  topic?: string;
  /** Why each topic was refused. */
  refused?: Refusal[];
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** The server is about to close. */
export interface DisconnectFrame {
  type: "disconnect";
  /** The code of the close frame that follows. */
  close_code: CloseCode;
  /** Why, for people. */
  reason: string;
  /** Whether to come back. */
  reconnect: boolean;
  /** Not before so many milliseconds. */
  after_ms: number;
}

/** Answers `subscribe`; unasked for the inbox. */
export interface SubscribedFrame {
  type: "subscribed";
  /** The topics and patterns, without those that were refused. */
  topics: string[];
  /** The topic, where the request said `channel`. */
  channel?: string;
  /** Where each stands. */
  positions: Record<string, TopicPosition>;
  /** The others. */
  refused?: Refusal[];
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Answers `unsubscribe`; unasked when it is no longer allowed. */
export interface UnsubscribedFrame {
  type: "unsubscribed";
  /** The texts of the request. */
  topics: string[];
  /** The topic, where the request said `channel`. */
  channel?: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Answers `publish`; without a position where it was for some. */
export interface PublishedFrame {
  type: "published";
  /** The topic. */
  topic: string;
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch?: string;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** What was published on a topic. Its type is the publisher's `event`, or `publication`. */
export interface PublicationFrame {
  /** What it is called. */
  type: EventType;
  /** The topic. */
  topic: string;
  /** What was published: any JSON value. */
  data: unknown;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
}

/** What a rule made of an event of a back-end service, for a topic. */
export interface TopicEventFrame {
  /** What it is called. */
  type: string;
  /** The topic. */
  topic: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset: number;
  [field: string]: unknown;
}

/** Answers `join`: the next message of the room has the next offset. */
export interface JoinedFrame {
  type: "joined";
  /** The room. */
  room: string;
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch: string;
  /** The offset of the room's last message, or of the last that was seen if the rest follows. */
  offset: number;
  /** Whether all that was missed follows. */
  recovered?: boolean;
  /** The offset where that ends. */
  top?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Answers `leave`; or, unasked: the room has closed, or one was put out of it. */
export interface LeftFrame {
  type: "left";
  /** The room. */
  room: string;
  /** Why, for people. */
  reason?: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Answers a `message` with an `id` or `except_me`. */
export interface SentFrame {
  type: "sent";
  /** The room. */
  room: string;
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch?: string;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** What the logic of a room says: its type and fields are the room type's. */
export interface RoomEventFrame {
  /** What it is called. */
  type: string;
  /** The room. */
  room: string;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from?: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
  [field: string]: unknown;
}

/** What another tells that passes. */
export interface SignalFrame {
  type: "signal";
  /** The room. */
  room?: string;
  /** The topic. */
  topic?: string;
  /** What is told: any JSON value. */
  data: unknown;
  /** The name to be shown; it proves nothing. */
  user: string;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
}

/** Frames that are missing here, because one was too slow or their time was over. */
export interface GapFrame {
  type: "gap";
  /** The room. */
  room?: string;
  /** The topic. */
  topic?: string;
  /** How many are missing. */
  dropped: number;
  /** The offset after the last of them: the next message has the next. */
  offset: number;
  /** They are there no more for anybody. */
  expired?: boolean;
}

/** Who is there: a page of it. */
export interface PresenceFrame {
  type: "presence";
  /** The room. */
  room?: string;
  /** The topic. */
  topic?: string;
  /** How many entries there are in all. */
  count: number;
  /** A page of them; absent where only their number is told. */
  users?: PresentUser[];
  /** The `after` of the next page, if there is one. */
  next?: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** What has changed of who is there. */
export interface PresenceDiffFrame {
  type: "presence_diff";
  /** The room. */
  room?: string;
  /** The topic. */
  topic?: string;
  /** How many entries there are in all. */
  count: number;
  /** They have come. */
  joins?: PresentUser[];
  /** They have gone. */
  leaves?: GoneUser[];
  /** Something of them has changed. */
  updates?: PresentUser[];
}

/** Answers `set_presence`. */
export interface PresenceUpdatedFrame {
  type: "presence_updated";
  /** The room. */
  room?: string;
  /** The topic. */
  topic?: string;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Past messages, the oldest first. */
export interface HistoryFrame {
  type: "history";
  /** The room. */
  room?: string;
  /** The topic. */
  topic?: string;
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch: string;
  /** The number of the message in its room or topic, or of the last one there. */
  offset: number;
  /** Frames as they were sent. */
  messages: ServerFrame[];
  /** There are more in that direction. */
  more: boolean;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** The server tells everybody something. */
export interface AnnouncementFrame {
  type: "announcement";
  /** What is told. */
  text: string;
  /** When it was said. */
  timestamp: Timestamp;
}

/** What was sent to a user, to a role. */
export interface NotificationFrame {
  type: "notification";
  /** What was sent: any JSON value. */
  message: unknown;
  /** When it was said. */
  timestamp: Timestamp;
}

/** What a rule made of an event of a back-end service, for a user, a role or everybody. */
export interface UserEventFrame {
  /** What it is called. */
  type: string;
  /** When it was said. */
  timestamp: Timestamp;
  [field: string]: unknown;
}

/** Answers `admin_command`. */
export interface AdminResultFrame {
  type: "admin_result";
  /** The command. */
  command: CommandName;
  /** What it brings back: see `CommandResults`. */
  result: unknown;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** Answers `rpc`. */
export interface RpcResultFrame {
  type: "rpc_result";
  /** The service's answer: any JSON value. */
  result: unknown;
  /** The request's id, or what it is to be called by. */
  id?: RequestId;
}

/** A message in a chat. */
export interface MessageFrame {
  type: "message";
  /** The room. */
  room: string;
  /** The name to be shown; it proves nothing. */
  user: string;
  /** What was said: any JSON value. */
  message: unknown;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
}

/** Another has come into a room. */
export interface UserJoinedFrame {
  type: "user_joined";
  /** The room. */
  room: string;
  /** The name to be shown; it proves nothing. */
  user: string;
  /** The same in words. */
  message: string;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
}

/** Another has left a room. */
export interface UserLeftFrame {
  type: "user_left";
  /** The room. */
  room: string;
  /** The name to be shown; it proves nothing. */
  user: string;
  /** The same in words. */
  message: string;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
}

/** A poll has begun, or is open when one joins. */
export interface PollOpenedFrame {
  type: "poll_opened";
  /** The room. */
  room: string;
  /** What is asked. */
  question: string;
  /** What there is to choose from. */
  options: string[];
  /** How long it is still open. */
  seconds: number;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from?: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
}

/** How many have voted. */
export interface PollVotesFrame {
  type: "poll_votes";
  /** The room. */
  room: string;
  /** How many have voted. */
  votes: number;
  /** How many could. */
  members: number;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
}

/** A poll is over. */
export interface PollResultFrame {
  type: "poll_result";
  /** The room. */
  room: string;
  /** What was asked. */
  question: string;
  /** How many chose what. */
  result: PollCount[];
  /** How many have voted. */
  votes: number;
  /** The user, by its token. */
  user_id?: string;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
}

/** What was sent to a user, in the user's inbox. */
export interface InboxNotificationFrame {
  type: "notification";
  /** The topic. */
  topic: string;
  /** What was sent: any JSON value. */
  message: unknown;
  /** Who said it: the `connection_id` of a connection, or `server`. Nobody can forge it. */
  from: string;
  /** When it was said. */
  timestamp: Timestamp;
  /** The number of the message in its room or topic, or of the last one there. */
  offset: number;
}

/** Frames whose type says what they are. */
export type KnownFrame =
  | ConnectionFrame
  | AuthenticatedFrame
  | PingFrame
  | PongFrame
  | ErrorFrame
  | DisconnectFrame
  | SubscribedFrame
  | UnsubscribedFrame
  | PublishedFrame
  | JoinedFrame
  | LeftFrame
  | SentFrame
  | SignalFrame
  | GapFrame
  | PresenceFrame
  | PresenceDiffFrame
  | PresenceUpdatedFrame
  | HistoryFrame
  | AnnouncementFrame
  | NotificationFrame
  | AdminResultFrame
  | RpcResultFrame
  | MessageFrame
  | UserJoinedFrame
  | UserLeftFrame
  | PollOpenedFrame
  | PollVotesFrame
  | PollResultFrame
  | InboxNotificationFrame;

/** All that a client may get; of some frames a publisher, a rule or a room chooses the type. */
export type ServerFrame =
  | ConnectionFrame
  | AuthenticatedFrame
  | PingFrame
  | PongFrame
  | ErrorFrame
  | DisconnectFrame
  | SubscribedFrame
  | UnsubscribedFrame
  | PublishedFrame
  | JoinedFrame
  | LeftFrame
  | SentFrame
  | SignalFrame
  | GapFrame
  | PresenceFrame
  | PresenceDiffFrame
  | PresenceUpdatedFrame
  | HistoryFrame
  | AnnouncementFrame
  | NotificationFrame
  | AdminResultFrame
  | RpcResultFrame
  | MessageFrame
  | UserJoinedFrame
  | UserLeftFrame
  | PollOpenedFrame
  | PollVotesFrame
  | PollResultFrame
  | InboxNotificationFrame
  | PublicationFrame
  | TopicEventFrame
  | RoomEventFrame
  | UserEventFrame;

/** Nothing to be told. */
export type EmptyResult = Record<string, unknown>;

/** How many connections it reached. */
export interface ReachedResult {
  /** How many connections. */
  connections: number;
}

/** How many connections it reached; of a user with an inbox, how many heard it there. */
export interface SentToUserResult {
  /** How many connections. */
  connections: number;
  /** How many subscribers of the inbox there were. */
  heard?: number;
  /** Whether it waits in the inbox for others. */
  kept?: boolean;
}

/** The place of a message. What is for some has none. */
export interface SaidResult {
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch?: string;
  /** The number of the message in its room or topic, or of the last one there. */
  offset?: number;
  /** How many members or subscribers there were. */
  listeners: number;
}

/** How many messages were deleted. */
export interface ForgottenResult {
  /** How many. */
  messages: number;
}

/** A room and how many are in it. */
export interface RoomSize {
  /** The room. */
  room: string;
  /** How many are in the room. */
  members: number;
}

/** A page of the rooms there are. */
export interface RoomsResult {
  /** How many there are in all. */
  total: number;
  /** Rooms in the order of their names. */
  rooms: RoomSize[];
  /** The `after` of the next page, if there is one. */
  next?: string;
}

/** A room, and where it stands. */
export interface RoomResult {
  /** The room. */
  room: string;
  /** How many are in the room. */
  members: number;
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch: string;
  /** The number of the message in its room or topic, or of the last one there. */
  offset: number;
}

/** A topic and how many listen to it. */
export interface TopicSize {
  /** The topic. */
  topic: string;
  /** How many listen to the topic by its name. */
  subscribers: number;
}

/** A page of the topics there are. */
export interface TopicsResult {
  /** How many there are in all. */
  total: number;
  /** Topics in the order of their names. */
  topics: TopicSize[];
  /** The `after` of the next page, if there is one. */
  next?: string;
}

/** A topic, and where it stands. */
export interface TopicResult {
  /** The topic. */
  topic: string;
  /** How many listen to the topic by its name. */
  subscribers: number;
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch: string;
  /** The number of the message in its room or topic, or of the last one there. */
  offset: number;
}

/** A connection: whose it is, and where. */
export interface ConnectionResult {
  /** The connection. */
  connection_id: string;
  /** The user, by its token. */
  user_id?: string;
  /** The name in the token. */
  username?: string;
  /** What it has called itself, without a token. */
  user?: string;
  /** An address, or a network such as `192.0.2.0/24`. */
  address?: string;
  /** The rooms it is in. */
  rooms: string[];
  /** The topics and patterns it listens to. */
  topics: string[];
  /** So many bytes wait in the server for it. */
  waiting_bytes: number;
}

/** A user who is connected, with a page of its connections. */
export interface UserResult {
  /** The user, by its token. */
  user_id: string;
  /** The name in the token. */
  username: string;
  /** The roles in the token. */
  roles: string[];
  /** How many there are in all. */
  total: number;
  /** Its connections. */
  connections: ConnectionResult[];
  /** The `after` of the next page, if there is one. */
  next?: string;
}

/** A user and its connections. */
export interface ConnectedUser {
  /** The user, by its token. */
  user_id: string;
  /** The name in the token. */
  username: string;
  /** How many it has. */
  connections: number;
}

/** A page of the users who are connected. */
export interface ConnectionsResult {
  /** How many connections there are. */
  connections: number;
  /** How many of them have a token. */
  authenticated: number;
  /** Users in the order of their ids. */
  users: ConnectedUser[];
  /** The `after` of the next page, if there is one. */
  next?: string;
}

/** A banned address or network. */
export interface Ban {
  /** An address, or a network such as `192.0.2.0/24`. */
  address: string;
  /** How long it still holds. */
  seconds: number;
}

/** A page of the bans there are. */
export interface BansResult {
  /** Bans in the order of their addresses. */
  bans: Ban[];
  /** The `after` of the next page, if there is one. */
  next?: string;
}

/** How much there is of everything. */
export interface StatsResult {
  /** The name of the server. */
  server: string;
  /** How long it has run. */
  uptime_seconds: number;
  /** Connections. */
  connections: number;
  /** Connections with a token. */
  authenticated: number;
  /** Users who are connected. */
  users: number;
  /** Rooms. */
  rooms: number;
  /** Topics. */
  topics: number;
  /** Denied users and tokens, and bans. */
  denials: number;
}

/** The name of a room or topic: parts of A-Z a-z 0-9 _ - : @ / separated by dots. */
export type Name = string;

/** The name of a topic, or a pattern of names: `*` is one part, `>` at the end the rest. */
export type TopicOrPattern = string;

/** What a user is called. It proves nothing. */
export type DisplayName = string;

/** A role, as tokens have it. */
export type Role = string;

/** The type of a publication: none of the server's own. */
export type EventType = string;

/** The same, and none that only services may send. */
export type ClientEventType = string;

/** What a client calls its request by; the answer has the same. */
export type RequestId = string | number;

/** ISO 8601 in UTC, with milliseconds. */
export type Timestamp = string;

/** How far a client has seen a room or topic. */
export interface Position {
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch: string;
  /** The offset of the last message that has been seen. */
  offset: number;
}

/** Where a topic stands, for who has just come. A pattern stands nowhere. */
export interface TopicPosition {
  /** Names one unbroken run of offsets. Compare it only for equality. */
  epoch?: string;
  /** The offset of its last message, or of the last that was seen if the rest follows. */
  offset?: number;
  /** Whether all that was missed follows. */
  recovered: boolean;
  /** The offset where that ends. */
  top?: number;
}

/** A user, by its token. */
export interface User {
  /** The user id. */
  id: string;
  /** The name in the token. */
  username: string;
  /** The roles in the token. */
  roles: string[];
}

/** A user, or a connection without a token, that is there. */
export interface PresentUser {
  /** The name to be shown; it proves nothing. */
  user: string;
  /** The user, by its token. */
  user_id?: string;
  /** The connection, if it has no token. */
  from?: string;
  /** How many of the user are there. */
  connections: number;
  /** What it lets others see. */
  state?: Record<string, unknown>;
}

/** A user, or a connection without a token, that is there no more. */
export interface GoneUser {
  /** The name to be shown; it proves nothing. */
  user: string;
  /** The user, by its token. */
  user_id?: string;
  /** The connection, if it had no token. */
  from?: string;
}

/** How many chose this. */
export interface PollCount {
  /** What was chosen. */
  option: string;
  /** How many chose it. */
  votes: number;
}

/** Why something was not done. Match on these; the texts are for people. */
export type ErrorCode =
  | "bad_json"
  | "bad_request"
  | "unknown_type"
  | "invalid_name"
  | "insufficient_permissions"
  | "rate_limited"
  | "limit_exceeded"
  | "msg_id_reused"
  | "not_in_room"
  | "not_found"
  | "timeout"
  | "unavailable"
  | "internal";

/** Why the server closes a connection. */
export type CloseCode =
  | 1000
  | 1001
  | 1002
  | 1003
  | 1007
  | 1008
  | 1009
  | 1011
  | 1013
  | 4401
  | 4403
  | 4408
  | 4409
  | 4429;

/** A topic that was refused. */
export interface Refusal {
  /** The topic. */
  topic: string;
  /** Why. */
  code: ErrorCode;
  /** A text for people. */
  message: string;
  /** After so many milliseconds it may go. */
  retry_after_ms?: number;
}

/** Requests by their type. */
export interface Requests {
  message: MessageRequest;
  publish: PublishRequest;
  signal: SignalRequest;
  pong: PongRequest;
  ping: PingRequest;
  subscribe: SubscribeRequest;
  unsubscribe: UnsubscribeRequest;
  join: JoinRequest;
  leave: LeaveRequest;
  refresh: RefreshRequest;
  admin_command: AdminCommandRequest;
  rpc: RpcRequest;
  history: HistoryRequest;
  presence: PresenceRequest;
  set_presence: SetPresenceRequest;
}

/**
 * What answers a request of this type, if not an `error`; a `message` only with an `id` or
 * `except_me`.
 */
export interface Answers {
  message: SentFrame;
  publish: PublishedFrame;
  signal: never;
  pong: never;
  ping: PongFrame;
  subscribe: SubscribedFrame;
  unsubscribe: UnsubscribedFrame;
  join: JoinedFrame;
  leave: LeftFrame;
  refresh: AuthenticatedFrame;
  admin_command: AdminResultFrame;
  rpc: RpcResultFrame;
  history: HistoryFrame;
  presence: PresenceFrame;
  set_presence: PresenceUpdatedFrame;
}

/** Frames by their type. */
export interface Frames {
  connection: ConnectionFrame;
  authenticated: AuthenticatedFrame;
  ping: PingFrame;
  pong: PongFrame;
  error: ErrorFrame;
  disconnect: DisconnectFrame;
  subscribed: SubscribedFrame;
  unsubscribed: UnsubscribedFrame;
  published: PublishedFrame;
  joined: JoinedFrame;
  left: LeftFrame;
  sent: SentFrame;
  signal: SignalFrame;
  gap: GapFrame;
  presence: PresenceFrame;
  presence_diff: PresenceDiffFrame;
  presence_updated: PresenceUpdatedFrame;
  history: HistoryFrame;
  announcement: AnnouncementFrame;
  notification: NotificationFrame | InboxNotificationFrame;
  admin_result: AdminResultFrame;
  rpc_result: RpcResultFrame;
  message: MessageFrame;
  user_joined: UserJoinedFrame;
  user_left: UserLeftFrame;
  poll_opened: PollOpenedFrame;
  poll_votes: PollVotesFrame;
  poll_result: PollResultFrame;
}

/** Commands of admins by their name. */
export interface Commands {
  announce: AnnounceCommand;
  send_to_user: SendToUserCommand;
  send_to_role: SendToRoleCommand;
  kick: KickCommand;
  ban_address: BanAddressCommand;
  lift_ban: LiftBanCommand;
  bans: BansCommand;
  kick_from_room: KickFromRoomCommand;
  mute: MuteCommand;
  close_room: CloseRoomCommand;
  rooms: RoomsCommand;
  topics: TopicsCommand;
  room: RoomCommand;
  topic: TopicCommand;
  connection: ConnectionCommand;
  user: UserCommand;
  presence: PresenceCommand;
  connections: ConnectionsCommand;
  deny_token: DenyTokenCommand;
  history: HistoryCommand;
  forget_history: ForgetHistoryCommand;
  stats: StatsCommand;
}

/** What they bring back, in the `result` of `admin_result`. */
export interface CommandResults {
  announce: EmptyResult;
  send_to_user: SentToUserResult;
  send_to_role: ReachedResult;
  kick: ReachedResult;
  ban_address: ReachedResult;
  lift_ban: EmptyResult;
  bans: BansResult;
  kick_from_room: ReachedResult;
  mute: ReachedResult;
  close_room: ReachedResult;
  rooms: RoomsResult;
  topics: TopicsResult;
  room: RoomResult;
  topic: TopicResult;
  connection: ConnectionResult;
  user: UserResult;
  presence: PresenceFrame;
  connections: ConnectionsResult;
  deny_token: ReachedResult;
  history: HistoryFrame;
  forget_history: ForgottenResult;
  stats: StatsResult;
}
