// Cuts what is asked for at once into frames that the server takes.
import type { Stream } from './stream.js';

const NAMES_MAX = 128;
const BYTES_MAX = 16_000; // of 16 KiB: the rest is for what stands around the names
const POSITION_BYTES = 80; // at most what one position and its punctuation take

/** Takes all of the list, in lists that are each for one frame. */
export function* portionsOf(streams: Stream[]): Generator<Stream[]> {
  while (streams.length) {
    let bytes = 0;
    const end = streams.findIndex(
      ({ _name }, index) => (bytes += 2 * _name.length + POSITION_BYTES) > BYTES_MAX || index === NAMES_MAX,
    );
    yield streams.splice(0, end < 0 ? NAMES_MAX : end);
  }
}
