// Makes handles: each call becomes a request, or a hold on the stream that all handles of a name share.
import type { Core } from './core.js';
import { errorOf, TroupeError } from './errors.js';
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
  const enter = ({ presence, signal }: EnterOptions = {}): Promise<Position> =>
    new Promise((resolve, reject) => {
      const refused = core._refusal(signal);
      if (refused) return reject(new TroupeError(refused));
      const release = core._hold(stream(), presence);
      let settled = false;
      const settle = (error?: TroupeError): void => {
        if (settled) return;
        settled = true;
        stop();
        if (!error) return resolve(handle.position);
        entries.delete(release);
        release();
        reject(error);
      };
      const fail = (code: string) => () => settle(new TroupeError(code));
      const stop = undoing(
        signal,
        stream()._listen('position', () => settle()),
        stream()._listen('error', (frame) => settle(errorOf(frame))),
        core._whenClosed(fail('closed')),
        fail('aborted'),
      );
      entries.add(release);
      if (stream()._confirmed) settle();
    });

  function leave(): void {
    const [release] = entries;
    entries.delete(release!);
    release?.();
  }

  /** Something that is kept and may be said again, and so has an id of its own. Gives its position. */
  async function say(type: string, fields: object, { signal, deadlineMs, offline, ...delivery }: PublishOptions = {}): Promise<Position> {
    const release = kind === 'room' ? core._hold(stream()) : undefined;
    try {
      const frame = { ...fields, ...delivery, msg_id: core._newMessageId() };
      const { epoch, offset } = await request(type, frame, { signal, deadlineMs, offline });
      return { epoch, offset };
    } finally {
      release?.();
    }
  }

  const handle = {
    name,

    get position(): Position {
      return { ...stream()._position };
    },

    on(type: string, listener: Listener, { signal }: ListenOptions = {}): Cancel {
      const release = core._hold(stream(), /^presence/.test(type));
      return undoing(signal, stream()._listen(type, listener), release);
    },

    frames: ({ max = QUEUE_MAX, presence, signal }: LoopOptions = {}) => ({
      [Symbol.asyncIterator]() {
        const release = core._hold(stream(), presence);
        const queue = createFrameQueue(max);
        const { _finish: finish } = queue;
        queue._ended = undoing(signal, stream()._listen(EVERY, queue._push), core._whenClosed(finish), release, finish);
        if (core._refusal()) finish();
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
