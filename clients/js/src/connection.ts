// One WebSocket after another: when to try, when to wait, when to give up. Knows frames only as far as they are about that.
import type { Core } from './core.js';
import { StopError } from './errors.js';
import type { Frame } from './frames.js';
import { isHidden, onWake } from './page.js';
import { route } from './router.js';
import { after, backOff, type Cancel } from './timers.js';
import { createToken } from './token.js';
import { createWatchdog } from './watchdog.js';

/** What the connection does. `waiting` is the time before the next attempt; `closed` is for good. */
export type ConnectionState =
  | { state: 'connecting' }
  | { state: 'open' }
  | { state: 'waiting'; delay: number; code?: number; reason?: string }
  | { state: 'closed'; code?: number; reason?: string };

const NO_CLOSE_FRAME = 1006;
const POLICY = 1008;
const EXPIRED = 4401;
const KICKED = 4403;
/** `Invalid token`, `Token required`. */
const NEEDS_TOKEN = /token/i;

export interface ConnectionPart {
  /** Tries to connect. */
  _attempt(): void;
  /** For good. */
  _end(code?: number, reason?: string): void;
  _send(text: string): void;
}

export function createConnection(address: URL, core: Core): ConnectionPart {
  const { _settings: settings } = core;
  let session: unknown;
  let socket: WebSocket | undefined;
  /** The server's word on why it will close, and when to come back. */
  let notice: Frame | undefined;
  let anyFrame = false;
  let failures = 0;
  let silentFailures = 0;
  let tokenRefused = false;
  /** The server has said how long to wait. */
  let obeys: number | false | undefined;
  /** Whatever comes of an attempt that is no longer the last one is ignored. */
  let attempts = 0;
  let cancel: Cancel | undefined;
  let cancelReset: Cancel | undefined;
  const token = createToken(core);
  const watchdog = createWatchdog(core, lost);
  const unwatchPage = onWake(wake);

  function enter(next: ConnectionState): void {
    core._state = next.state;
    core._emit('state', next);
  }

  async function attempt(): Promise<void> {
    if (core._state === 'closed') return;
    const mine = ++attempts;
    let bearer: string | undefined;
    cancel?.();
    enter({ state: 'connecting' });
    try {
      if (mine === attempts) bearer = await token._get(); // a listener may have closed the client
      if (mine === attempts) dial(mine, bearer);
    } catch (error: any) {
      if (mine !== attempts) return;
      if (error instanceof StopError) return end(undefined, error.message);
      // A text that is no token at all cannot even be sent.
      if (bearer) token._discard('invalid');
      wait(undefined, error?.message ?? '' + error);
    }
  }

  function dial(mine: number, bearer?: string): void {
    const { epoch, offset } = core._inboxPosition() ?? {};
    if (epoch) {
      address.searchParams.set('inbox_epoch', epoch);
      address.searchParams.set('inbox_offset', '' + offset);
    }
    const protocols = ['troupe.v1', bearer && 'bearer.' + bearer, session && 'session.' + session];
    anyFrame = false;
    socket = new settings.WebSocket(address, protocols.filter(Boolean) as string[]);
    cancel = after(settings.attemptMs, lost, core);
    socket.onmessage = ({ data }) => {
      try {
        if (mine === attempts) hear(JSON.parse(data));
      } catch (error) {
        core._report(error); // that is no frame
      }
    };
    // Where a handshake fails, some say `error`, and `close` never.
    socket.onclose = socket.onerror = ({ code, reason = '' }: any) => {
      if (mine === attempts) lost(code, reason);
    };
  }

  function hear(frame: Frame): void {
    const { type } = frame;
    anyFrame = true;
    watchdog._heard();
    if (type === 'connection') opened(frame);
    if (type === 'authenticated') token._accepted(frame);
    if (type === 'disconnect') notice = frame;
    core._emit('frame', frame);
    route(frame, core);
  }

  function opened(frame: Frame): void {
    cancel?.();
    session = frame.session;
    tokenRefused = false;
    silentFailures = 0;
    cancelReset = after(settings.resetMs, () => {
      failures = 0;
    }, core);
    watchdog._start(frame.heartbeat);
    enter({ state: 'open' });
    core._flush();
  }

  function lost(closeCode = NO_CLOSE_FRAME, closeReason = 'No answer'): void {
    const { close_code: code = closeCode, reason = closeReason, after_ms }: any = notice ?? {};
    drop(code);
    if (code === POLICY && NEEDS_TOKEN.test(reason) && token._renewable && !tokenRefused) {
      tokenRefused = true;
      token._discard('invalid');
    } else if (code === POLICY || code === KICKED) {
      return end(code, reason);
    }
    if (code === EXPIRED) token._discard('expired');
    // A browser is not told that the server has answered 401, say.
    if (code === NO_CLOSE_FRAME && !anyFrame && ++silentFailures % 2 === 0) token._discard('connect');
    wait(code, reason, after_ms);
  }

  function wait(code?: number, reason?: string, afterMs?: number): void {
    obeys = afterMs! > 0 && afterMs; // if it is a number of milliseconds
    const delay = obeys || backOff(failures, settings);
    failures++;
    cancel = after(delay, () => {
      obeys = false;
      if (!isHidden()) attempt();
    }, core);
    enter({ state: 'waiting', delay, code, reason });
  }

  /** The page is seen again, or has a network again: what seemed dead may live, and what was put off may be worth a try. */
  function wake(): void {
    token._look();
    if (core._state === 'open') watchdog._ask();
    if (core._state === 'waiting' && !obeys) attempt();
  }

  /** Ends what belongs to the socket, and forgets it. */
  function drop(code?: number): void {
    const wasOpen = core._state === 'open';
    core._state = 'waiting';
    attempts++;
    cancel?.();
    cancelReset?.();
    watchdog._stop();
    token._lost();
    socket?.close(1000);
    socket = notice = undefined;
    if (!wasOpen) return;
    core._loseSubscriptions();
    core._loseRequests(code);
  }

  function end(code?: number, reason = ''): void {
    if (core._state === 'closed') return;
    // What waits for an answer hears that the client has closed, not that the connection was lost.
    core._closing.forEach((close) => close());
    drop();
    unwatchPage();
    enter({ state: 'closed', code, reason });
  }

  return {
    _attempt: attempt,
    _end: end,
    _send(text) {
      socket?.send(text);
    },
  };
}
