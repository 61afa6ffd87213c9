// Topics, and patterns of them: whoever listens gets what is published.
import type { CommonFrame, CommonFrames, DeliveryOptions, EnterOptions, Handle } from './handle.js';
import type { Left, Position, Publication } from './frames.js';

export interface TopicFrames<Data> extends CommonFrames<Publication<Data>> {
  publication: Publication<Data>;
  unsubscribed: Left;
  '*': Publication<Data> | CommonFrame<Publication<Data>>;
}

/** Many topics at once. It has no position: what is missed is lost. */
export interface Pattern<Data = any> extends Handle<TopicFrames<Data>, Publication<Data, string>> {
  /** Listens until `unsubscribe`, and tells when the server has agreed. */
  subscribe(options?: EnterOptions): Promise<Position>;
  /** Takes one `subscribe` back. Whoever listens stays. */
  unsubscribe(): void;
}

export interface PublishOptions extends DeliveryOptions {
  /** The `type` of the frame, in the place of `publication`. */
  event?: string;
}

export interface Topic<Data = any> extends Pattern<Data> {
  /** Publishes, whether this client listens or not. Gives the position. */
  publish(data: Data, options?: PublishOptions): Promise<Position>;
}
