// The token: kept from one connection to the next, asked for anew where it must be, replaced in place before it expires.
import type { Core } from './core.js';
import { StopError } from './errors.js';
import type { Frame } from './frames.js';
import type { TokenProvider, TokenReason } from './options.js';
import { after, backOff, now, type Cancel } from './timers.js';

export function createToken(core: Core) {
  const { token: source } = core._settings;
  /** Only a provider can bring another token. */
  const provider = typeof source === 'function' && source;
  let token: string | undefined;
  let nextReason: TokenReason = 'connect';
  let call: Promise<string> | undefined;
  let refreshAt = Infinity;
  let failures = 0;
  /** Each connection has its own number: what was begun for one means nothing to the next. */
  let connection = 0;
  let cancel: Cancel | undefined;

  /** One call at a time: whoever asks meanwhile gets the same answer. */
  const ask = (reason: TokenReason): Promise<string> =>
    (call ??= (async () => {
      try {
        token = await (provider as TokenProvider)(reason);
        nextReason = 'connect';
        return token as string;
      } finally {
        call = undefined;
      }
    })());

  function discard(reason: TokenReason): void {
    token = undefined;
    nextReason = reason;
  }

  function schedule(delay: number): void {
    const wait = Math.max(delay, core._settings.baseMs);
    refreshAt = now() + wait;
    cancel = after(wait, refresh, core);
  }

  function unschedule(): void {
    cancel?.();
    refreshAt = Infinity;
  }

  async function refresh(): Promise<void> {
    unschedule();
    const mine = connection;
    try {
      const fresh = await ask('refresh');
      if (mine === connection) await core._request({ type: 'refresh', token: fresh });
    } catch (error: any) {
      if (error instanceof StopError) return core._end(undefined, error.message);
      if (mine !== connection) return;
      if (error?.frame) discard('invalid'); // it was the server that did not want it
      schedule(backOff(failures++, core._settings));
    }
  }

  return {
    _renewable: provider,

    /** The token for a new connection. */
    _get: (): string | undefined | Promise<string> => (provider ? token ?? ask(nextReason) : (source as string | undefined)),

    /** The next connection needs another one. */
    _discard: discard,

    /** The server says how long the token is good: a new one comes at 75 to 90 % of that. */
    _accepted({ expires_in }: Frame): void {
      unschedule();
      failures = 0;
      if (provider && (expires_in as number) > 0) schedule((expires_in as number) * (750 + 150 * Math.random()));
    },

    /** A machine that slept may have slept through the time. */
    _look(): void {
      if (now() >= refreshAt) refresh();
    },

    /** What is in hand is for the next connection, or for nobody. */
    _lost(): void {
      unschedule();
      connection++;
    },
  };
}
