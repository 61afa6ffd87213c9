// One room, topic or pattern as this client listens to it: who listens here, and up to where everything has been heard.
import type { Frame, Position } from './frames.js';
import { createListeners, type Listeners, type Report } from './listeners.js';
import { isPattern, matcherOf } from './names.js';

export type Kind = 'room' | 'topic';

export interface Stream {
  readonly _kind: Kind;
  readonly _name: string;
  readonly _matcher: RegExp | false;
  readonly _listen: Listeners['_add'];
  /** What programs have of it. */
  _handle?: unknown;
  /** How many hold it: it is entered for the first and left after the last. */
  _holders: number;
  _leaveAt?: number;
  /** On this connection: asked for, and answered. */
  _asked?: boolean;
  _confirmed?: boolean;
  /** The server does not want it here. Until somebody new comes; or, if it was only refused, until the next connection. */
  _refused?: boolean;
  _putOut?: boolean;
  _wantsPresence?: boolean;
  /** What others see of this client here. */
  _state?: unknown;
  _position: Position & { offset: number };
  _emit(frame: { type: string }): boolean;
  /** The server says where the stream stands; what follows is the next. */
  _stand(position: any): void;
  /** Whether the frame is new here. What it skips is told as a gap; what is behind has been heard. */
  _accepts(frame: Frame): boolean;
  /** The answer to a message of this client's own that is not sent to it stands in the message's place. */
  _skip(answer: Frame): void;
}

export function createStream(kind: Kind, name: string, report: Report): Stream {
  const listeners = createListeners();

  const emit = (frame: { type: string }): boolean => listeners._emit(frame.type, { [kind]: name, ...frame }, report);

  const stream: Stream = {
    _kind: kind,
    _name: name,
    _matcher: isPattern(name) && matcherOf(name),
    _listen: listeners._add,
    _holders: 0,
    _position: { offset: 0 },
    _emit: emit,

    _stand(answer): void {
      const { epoch, offset } = answer;
      stream._confirmed = true;
      stream._position = { epoch, offset };
      emit({ recovered: false, ...answer, type: 'position' });
    },

    _accepts({ type, offset, prev = (offset as number) - 1 }: any): boolean {
      const position = stream._position;
      if (offset === undefined || type === 'history') return true;
      if (offset <= position.offset) return false;
      const dropped = prev - position.offset;
      if (type !== 'gap' && dropped > 0) emit({ type: 'gap', dropped, offset: prev } as Frame);
      position.offset = offset;
      return true;
    },

    _skip({ offset }): void {
      if (offset === stream._position.offset + 1) stream._position.offset++;
    },
  };
  return stream;
}
