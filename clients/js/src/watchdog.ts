// Notices a server that has fallen silent: a connection may be dead without anybody having been told.
import type { Core } from './core.js';
import { isHidden } from './page.js';
import { after, now, type Cancel } from './timers.js';

const MARGIN_MS = 5_000;

export function createWatchdog(core: Core, dead: () => void) {
  const { pingMs, deadMs } = core._settings;
  let heardAt = 0;
  let askedAt = 0;
  let patience = 0;
  let cancel: Cancel | undefined;

  function lookIn(ms: number): void {
    cancel?.();
    cancel = after(ms, look, core);
  }

  function look(): void {
    const quiet = now() - heardAt;
    if (heardAt >= askedAt && quiet < patience) lookIn(patience - quiet);
    else if (isHidden()) lookIn(patience);
    else if (heardAt < askedAt) dead();
    else ask();
  }

  /** Asks the server whether it is there. */
  function ask(): void {
    askedAt = now();
    core._send('{"type":"ping"}');
    lookIn(deadMs);
  }

  return {
    _ask: ask,

    /** The server sends a heartbeat every so many seconds, so a longer silence is odd. */
    _start(heartbeat: unknown): void {
      askedAt = 0;
      patience = pingMs ?? (heartbeat as number) * 1000 + MARGIN_MS;
      lookIn(patience);
    },

    _stop(): void {
      cancel?.();
    },

    _heard(): void {
      heardAt = now();
    },
  };
}
