// What a browser tells of the page that the client lives in. Outside of one there is nothing to tell.
import type { Cancel } from './timers.js';

/** A page that nobody sees is held back by its browser: what seems late there proves nothing. */
export const isHidden = (): boolean | undefined => globalThis.document?.hidden;

/** Calls `wake` when the page is seen again, comes back from the browser's cache, or has a network again. */
export function onWake(wake: () => void): Cancel {
  const seen = (): unknown => isHidden() || wake();
  const change = (what: 'addEventListener' | 'removeEventListener'): void => {
    // The first is the document's, and rises to the window.
    for (const type of ['visibilitychange', 'pageshow', 'online']) globalThis[what]?.(type, seen);
  };
  change('addEventListener');
  return () => change('removeEventListener');
}
