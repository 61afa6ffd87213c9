// What goes wrong, as the callers of this client see it.
import type { ErrorFrame } from './frames.js';

/**
 * A request that failed. `code` is the server's, or one of the client's own: `connection_lost`, `offline`,
 * `too_many_waiting`, `timeout`, `closed`, `aborted`.
 */
export class TroupeError extends Error {
  code: string;
  /** The server's answer, where there was one: `retry_after_ms` is in it. */
  frame?: ErrorFrame;

  constructor(code: string, message: string = code, frame?: ErrorFrame) {
    super(message);
    this.name = 'TroupeError';
    this.code = code;
    this.frame = frame;
  }
}

/** @internal */
export const errorOf = (frame: any): TroupeError => new TroupeError(frame.code, frame.message, frame);

/** Thrown by a token provider, ends the client for good: the user has signed out, say. */
export class StopError extends Error {}
