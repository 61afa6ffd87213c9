// Leads each frame of the server to where it is awaited: a request, a room or topic, patterns, or the client as a whole.
import type { Core } from './core.js';
import { errorOf } from './errors.js';
import type { Frame } from './frames.js';
import type { Stream } from './stream.js';

/** Frames about a topic that are no message of it: a pattern does not bring them. */
const NOT_BY_PATTERN = /^(presence.*|history)$/;

export function route(frame: Frame, core: Core): void {
  const { id, type, room, topic, topics, positions }: any = frame;
  const name = room ?? topic;
  const stream = core._findStream(room ? 'room' : 'topic', name);
  if (id !== undefined) {
    if (core._answer(frame)?.except_me) stream?._skip(frame);
  } else if (topics) for (const each of topics) route({ ...positions?.[each], type, topic: each }, core);
  else if (type === 'connection' || (!name && type !== 'error')) core._emit(type, frame);
  // Unasked, this is about the user's inbox.
  else if (type === 'subscribed') core._enteredInbox(topic, frame);
  else toListeners(frame, core, stream);
}

function toListeners(frame: Frame, core: Core, stream?: Stream): void {
  const { type, topic } = frame;
  if (type === 'error') {
    // The room or topic itself has failed, and may be entered again.
    if (stream && frame.code === 'internal') core._again(stream);
    if (!stream?._emit(frame)) core._report(errorOf(frame));
  } else if (type === 'left' || type === 'unsubscribed') {
    if (stream) core._wasPutOut(stream, frame);
  } else if (stream && type === 'position') {
    stream._stand(frame);
  } else {
    if (stream?._confirmed) {
      if (!stream._accepts(frame)) return;
      stream._emit(frame);
    }
    if (topic && !NOT_BY_PATTERN.test(type)) {
      for (const pattern of core._patterns) {
        if (pattern._confirmed && (pattern._matcher as RegExp).test(topic as string)) pattern._emit(frame);
      }
    }
    if (type === 'notification') core._emit(type, frame);
  }
}
