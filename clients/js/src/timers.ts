// Timers that end with their client, so that closing it leaves none; and time that no clock change can move.
import type { Core } from './core.js';

const LONGEST_MS = 1e9; // eleven days; setTimeout cannot count to a month
const LATE_MS = 1_000;
const GRACE_MS = 500;

/** Milliseconds since some moment, whatever happens to the wall clock. */
export const now = (): number => performance.now();

/** Takes back what it came from. Calling it again does nothing. */
export type Cancel = () => void;

/**
 * Calls `act` once, after `ms`, unless the client is closed by then. A timer that comes much too late tells of a machine
 * that slept or a page that was held back: then what has arrived meanwhile is to be read first, so it waits a moment more.
 */
export function after(ms: number, act: () => void, core: Core): Cancel {
  const latest = now() + ms + LATE_MS;
  const cancel = (): void => {
    clearTimeout(timer);
    core._closing.delete(cancel);
  };
  const fire = (): void => {
    cancel();
    act();
  };
  let timer = setTimeout(() => {
    if (now() > latest) timer = setTimeout(fire, GRACE_MS);
    else fire();
  }, Math.min(ms, LONGEST_MS));
  core._closing.add(cancel);
  if (core._state === 'closed') cancel();
  return cancel;
}

/** How long to wait after `failures` in a row: anything up to a bound that doubles, but not nothing. */
export function backOff(failures: number, { baseMs, maxMs }: { baseMs: number; maxMs: number }): number {
  return Math.max(baseMs / 10, Math.random() * Math.min(maxMs, baseMs * 2 ** failures));
}
