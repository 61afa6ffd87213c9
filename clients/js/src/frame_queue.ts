// Frames for a `for await` loop. A loop that is slower than the frames come gets the latest, and a gap for the others.
import type { Frame } from './frames.js';
import type { Cancel } from './timers.js';

export const QUEUE_MAX = 1_000;

export interface FrameQueue extends AsyncIterator<any> {
  /** To be called once nobody reads any more. */
  _ended?: Cancel;
  /** Nothing more comes; what waits is still read. */
  _finish(): void;
  _push(frame: Frame): void;
}

export function createFrameQueue(max: number): FrameQueue {
  const frames: Frame[] = [];
  const readers: ((result: IteratorResult<any>) => void)[] = [];
  let ended = false;

  function finish(): void {
    if (ended) return;
    ended = true;
    queue._ended?.();
    for (const reader of readers) reader({ value: undefined, done: true });
  }

  async function next(): Promise<IteratorResult<any>> {
    const value = frames.shift();
    if (value || ended) return { value, done: !value };
    return new Promise((resolve) => readers.push(resolve));
  }

  const queue: FrameQueue = {
    next,

    /** The loop is left. What still waits is for nobody. */
    return(): Promise<IteratorResult<any>> {
      frames.length = 0;
      finish();
      return next();
    },

    _finish: finish,

    _push(frame: Frame): void {
      const reader = readers.shift();
      if (reader) reader({ value: frame, done: false });
      else if (frames.push(frame) > max) frames.unshift(gapOf(frames.splice(0, 2)));
    },
  };
  return queue;
}

/** What stands in the place of these frames. */
function gapOf(frames: any[]): Frame {
  const gap: any = { type: 'gap', dropped: 0 };
  for (const { room, topic, offset = gap.offset, dropped = 1 } of frames) {
    Object.assign(gap, { room, topic, offset, dropped: gap.dropped + dropped });
  }
  return gap;
}
