// What the server says, as types. docs/protocol.md tells what each field means.

/** Any frame of the server. */
export interface Frame {
  type: string;
  id?: string | number;
  [field: string]: unknown;
}

/** The place of a message in its room or topic. What is for some only has none. */
export interface Position {
  epoch?: string;
  offset?: number;
}

/** Who caused a frame: the server's word, which cannot be forged; `user` is only a name to be shown. */
export interface Origin {
  from: string;
  user_id?: string;
  timestamp: string;
}

export interface Message<Content = unknown> extends Origin {
  type: 'message';
  room: string;
  user: string;
  message: Content;
  offset?: number;
}

export interface Publication<Data = unknown, Type extends string = 'publication'> extends Origin {
  type: Type;
  topic: string;
  data: Data;
  offset?: number;
}

export interface Signal extends Origin {
  type: 'signal';
  room?: string;
  topic?: string;
  user: string;
  data: unknown;
}

export interface UserCame extends Origin {
  type: 'user_joined' | 'user_left';
  room: string;
  user: string;
  message: string;
}

/** Messages are missing here. `offset` is that of the last of them: the next message has the next. */
export interface Gap {
  type: 'gap';
  room?: string;
  topic?: string;
  dropped?: number;
  offset?: number;
  expired?: boolean;
}

/**
 * The handle stands here: it has entered, or has come back. With `recovered: true` everything that was missed follows.
 * With `false` something may be missing before it.
 */
export interface Stands {
  type: 'position';
  room?: string;
  topic?: string;
  epoch?: string;
  offset?: number;
  top?: number;
  recovered: boolean;
}

/** One who is there: a user on all connections, or one connection without a token. */
export interface Person {
  user: string;
  user_id?: string;
  from?: string;
  connections: number;
  state?: Record<string, unknown>;
}

export interface Presence {
  type: 'presence';
  room?: string;
  topic?: string;
  count: number;
  users?: Person[];
  next?: string;
}

export interface PresenceDiff {
  type: 'presence_diff';
  room?: string;
  topic?: string;
  count: number;
  joins?: Person[];
  leaves?: Pick<Person, 'user' | 'user_id' | 'from'>[];
  updates?: Person[];
}

export interface History<Kept = Frame> {
  type: 'history';
  room?: string;
  topic?: string;
  epoch: string;
  offset: number;
  messages: Kept[];
  more: boolean;
}

/** The handle is out: put out by an admin, or the room has closed, or the right to be there is gone. */
export interface Left {
  type: 'left' | 'unsubscribed';
  room?: string;
  topic?: string;
  reason?: string;
}

export interface ErrorFrame {
  type: 'error';
  code: string;
  message: string;
  room?: string;
  topic?: string;
  retry_after_ms?: number;
}

export interface Announcement {
  type: 'announcement';
  text: string;
  timestamp: string;
}

/** `topic`, `from` and `offset` are of an inbox. */
export interface Notification {
  type: 'notification';
  message: unknown;
  timestamp: string;
  topic?: string;
  from?: string;
  offset?: number;
}

export interface Authenticated {
  type: 'authenticated';
  user: { id: string; username: string; roles: string[] };
  inbox?: string;
  expires_in?: number;
}
