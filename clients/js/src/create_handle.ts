// Makes handles: each call becomes a request, or a hold on the stream that all handles of a name share.
import type { Core } from './core.js';
import { errorOf } from './errors.js';
import type { Position } from './frames.js';
import { createFrameQueue, QUEUE_MAX } from './frame_queue.js';
import type { EnterOptions, ListenOptions, LoopOptions } from './handle.js';
import { EVERY, undoing, type Listener } from './listeners.js';
import type { PublishOptions, Topic } from './topic.js';
import type { RequestOptions } from './requests.js';
import type { Room } from './room.js';
import type { Kind, Stream } from './stream.js';
import type { Cancel } from './timers.js';

export function createHandle(core: Core, kind: Kind, name: string): Room | Topic {
  const entries = new Set<Cancel>();
  const stream = (): Stream => core._streamOf(kind, name);

  const request = (type: string, fields?: object, options?: RequestOptions): Promise<any> =>
    core._request({ type, [kind]: name, ...fields }, options);

  /** Holds it until `leave`, and tells when the server has let this client in. */
  function enter({ presence, signal }: EnterOptions = {}): Promise<Position> {
    let entered: Cancel | undefined;
    const entering = core._begin((settle) => {
      const release = core._hold(stream(), presence);
      entries.add(release);
      entered = () => settle(undefined, handle.position);
      return [
        stream()._listen('position', entered),
        stream()._listen('error', (frame) => settle(errorOf(frame))),
        () => stream()._confirmed || leave([release]),
      ];
    }, signal);
    if (stream()._confirmed) entered?.();
    return entering;
  }

  function leave([release]: Iterable<Cancel> = entries): void {
    entries.delete(release!);
    release?.();
  }

  /** Something that is kept and may be said again, and so has an id of its own. Gives its position. */
  async function say(type: string, fields: object, { signal, deadlineMs, offline, ...delivery }: PublishOptions = {}): Promise<Position> {
    const release = kind === 'room' ? core._hold(stream()) : undefined;
    const frame = { ...fields, ...delivery, msg_id: core._newMessageId() };
    const { epoch, offset } = await request(type, frame, { signal, deadlineMs, offline }).finally(release);
    return { epoch, offset };
  }

  const handle = {
    name,

    get position(): Position {
      return { ...stream()._position };
    },

    on(type: string, listener: Listener, { signal }: ListenOptions = {}): Cancel {
      return undoing(signal, stream()._listen(type, listener), core._hold(stream(), /^presence/.test(type)));
    },

    frames: ({ max = QUEUE_MAX, presence, signal }: LoopOptions = {}) => ({
      [Symbol.asyncIterator]() {
        const queue = createFrameQueue(max);
        const { _finish: finish } = queue;
        queue._ended = undoing(signal, stream()._listen(EVERY, queue._push), core._whenClosed(finish), core._hold(stream(), presence), finish);
        if (core._refused()) finish();
        return queue;
      },
    }),

    [Symbol.asyncIterator]: () => handle.frames()[Symbol.asyncIterator](),

    signal: (data: unknown) => core._pass({ type: 'signal', [kind]: name, data }),
    history: (query?: object, options?: RequestOptions) => request('history', query, options),
    presence: (query?: object, options?: RequestOptions) => request('presence', query, options),

    async setPresence(state: unknown, options?: RequestOptions): Promise<void> {
      const place = stream();
      await request('set_presence', { state }, options);
      place._state = state;
    },

    ...(kind === 'room'
      ? { join: enter, leave, say: (message: unknown, options?: PublishOptions) => say('message', { message }, options) }
      : {
          subscribe: enter,
          unsubscribe: leave,
          publish: (data: unknown, options?: PublishOptions) => say('publish', { data }, options),
        }),
  };
  return handle as any;
}
