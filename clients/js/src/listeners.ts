// Functions that are to be called for frames of a type; one that throws hurts no other.
import type { Cancel } from './timers.js';

export type Listener = (frame: any) => unknown;
export type Report = (error: unknown) => void;

/** Stands for every type. */
export const EVERY = '*';

export type Listeners = ReturnType<typeof createListeners>;

export function createListeners() {
  const all = new Set<[type: string, call: Listener]>();
  return {
    _add(type: string, call: Listener): Cancel {
      const listener: [string, Listener] = [type, call];
      all.add(listener);
      return () => all.delete(listener);
    },

    /** Calls those that were there when it began and still are, and says whether there was one for this very type. */
    _emit(type: string, frame: unknown, report: Report): boolean {
      let heard = false;
      for (const listener of [...all]) {
        const [wanted, call] = listener;
        if (!all.has(listener) || (wanted !== type && wanted !== EVERY)) continue;
        heard ||= wanted === type;
        try {
          (call(frame) as Promise<unknown> | undefined)?.catch?.(report);
        } catch (error) {
          report(error);
        }
      }
      return heard;
    },
  };
}

/** Undoes something when the result is called or the signal aborts; a long-lived signal keeps nothing of it. */
export function undoing(signal: AbortSignal | undefined, ...undo: Cancel[]): Cancel {
  const off = (): void => {
    signal?.removeEventListener('abort', off);
    for (const each of undo.splice(0)) each();
  };
  signal?.addEventListener('abort', off);
  if (signal?.aborted) off();
  return off;
}
