// A room: an audience whose members say something to each other.
import type { CommonFrame, CommonFrames, DeliveryOptions, EnterOptions, Handle } from './handle.js';
import type { Left, Message, Position, UserCame } from './frames.js';

export interface RoomFrames<Content> extends CommonFrames<Message<Content>> {
  message: Message<Content>;
  user_joined: UserCame;
  user_left: UserCame;
  left: Left;
  '*': Message<Content> | UserCame | CommonFrame<Message<Content>>;
}

export interface Room<Content = any> extends Handle<RoomFrames<Content>> {
  /** Becomes a member until `leave`, and tells when the room has let this client in. */
  join(options?: EnterOptions): Promise<Position>;
  /** Takes one `join` back. Whoever listens stays. */
  leave(): void;
  /** Sends a message, as a member at least until there is an answer. Gives its position. */
  say(message: Content, options?: DeliveryOptions): Promise<Position>;
}
