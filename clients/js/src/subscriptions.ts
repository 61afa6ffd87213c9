// Which rooms and topics this client listens to, and the frames that make the server agree: everything that is wanted
// goes out together, everything comes back after a reconnect, and what nobody holds is left.
import type { Core } from './core.js';
import { errorOf } from './errors.js';
import type { Frame, Position } from './frames.js';
import { portionsOf } from './portions.js';
import { createStream, type Kind, type Stream } from './stream.js';
import { after, now, type Cancel } from './timers.js';

const AGAIN_MS = 1_000;
/** Refusals that pass by themselves. */
const PASSING = /^(rate_limited|unavailable|timeout|internal)$/;

export interface SubscriptionsPart {
  readonly _patterns: Set<Stream>;
  _findStream(kind: Kind, name: unknown): Stream | undefined;
  /** Finds it or makes it. */
  _streamOf(kind: Kind, name: string): Stream;
  /** The stream is wanted until the result is called. */
  _hold(stream: Stream, presence?: boolean): Cancel;
  /** Sends what is wanted and has not been asked for: topics before patterns, so that what is recovered comes once. */
  _flushSubscriptions(): void;
  /** All that is held comes back on the next connection, from its position. */
  _loseSubscriptions(): void;
  /** It is out, through no fault of its own, and comes back. */
  _again(stream: Stream, delay?: number): void;
  /** It is out, and stays so until somebody new comes. */
  _wasPutOut(stream: Stream, frame: Frame): void;
  /** The server has entered the user's inbox by itself, and will on each connection. */
  _enteredInbox(name: string, position: unknown): void;
  /** What the next connection says of it. */
  _inboxPosition(): Position | undefined;
}

export function createSubscriptions(core: Core): SubscriptionsPart {
  const { leaveMs } = core._settings;
  const streams = new Map<string, Stream>();
  const patterns = new Set<Stream>();
  const wanted = new Set<Stream>();
  /** Those that have lost their last holder. There is a timer as long as there are any. */
  const idle = new Set<Stream>();
  let sweeping: Cancel | number | undefined;
  /** The topic of what is sent to the user, once the server has said so. */
  let inbox: Stream | undefined;

  const find = (kind: Kind, name: unknown): Stream | undefined => streams.get(kind + name);

  function get(kind: Kind, name: string): Stream {
    let stream = find(kind, name);
    if (!stream) {
      streams.set(kind + name, (stream = createStream(kind, name, core._report)));
      if (stream._matcher) patterns.add(stream);
      leaveLater(stream);
    }
    return stream;
  }

  // -- To enter -----------------------------------------------------------------------------------------

  function want(stream: Stream): void {
    wanted.add(stream);
    core._flushSoon();
  }

  /** From where on to be told what was missed, if anything was ever heard. */
  const recoverOf = ({ _position }: Stream): object | undefined => (_position.epoch ? _position : undefined);

  /** Asks for these with one frame; each gets its part of the answer. */
  function ask(frame: object, portion: Stream[]): void {
    core._ask(frame, (error, answer) => {
      for (const stream of portion) {
        const refusal = answer?.refused?.find(({ topic }: Frame) => topic === stream._name) ?? error?.frame;
        if (refusal) wasRefused(stream, refusal);
        else if (answer) hasEntered(stream, answer.positions?.[stream._name] ?? answer);
      }
    });
    for (const stream of portion) stream._asked = true;
  }

  const join = (stream: Stream): void =>
    ask({ type: 'join', room: stream._name, presence: stream._wantsPresence, recover: recoverOf(stream) }, [stream]);

  function subscribe(all: Stream[], presence: boolean): void {
    for (const portion of portionsOf(all)) {
      const recover = Object.fromEntries(portion.map((stream) => [stream._name, recoverOf(stream)]));
      ask({ type: 'subscribe', topics: portion.map(({ _name }) => _name), presence, recover }, portion);
    }
  }

  function hasEntered(stream: Stream, position: Frame): void {
    const { _state: state, _kind, _name, _confirmed } = stream;
    // Who is in already only wanted to be told who else is.
    if (_confirmed) return;
    stream._stand(position);
    // What others see of this client ends with the connection, so it is said on each.
    if (state) core._ask({ type: 'set_presence', [_kind]: _name, state });
  }

  function wasRefused(stream: Stream, refusal: any): void {
    if (PASSING.test(refusal.code)) return again(stream, refusal.retry_after_ms);
    stream._refused = true;
    const frame = { ...refusal, type: 'error' };
    if (!stream._emit(frame)) core._report(errorOf(frame));
  }

  function again(stream: Stream, delay?: number): void {
    stream._confirmed = false;
    after(Math.max(delay!, AGAIN_MS) || AGAIN_MS, () => {
      stream._asked = false;
      want(stream);
    }, core);
  }

  // -- To leave -----------------------------------------------------------------------------------------

  function leaveLater(stream: Stream): void {
    stream._leaveAt = now() + leaveMs;
    idle.add(stream);
    sweeping ||= after(leaveMs, sweep, core);
  }

  /** Leaves what nobody has come back to, all in as few frames as it takes. */
  function sweep(): void {
    const topics: Stream[] = [];
    for (const stream of idle) {
      const { _kind: kind, _name: room, _leaveAt, _holders, _asked } = stream;
      if (!_holders && _leaveAt! > now() + 1) continue;
      idle.delete(stream);
      if (_holders) continue;
      streams.delete(kind + room);
      patterns.delete(stream);
      if (_asked && kind === 'room') core._ask({ type: 'leave', room });
      else if (_asked) topics.push(stream);
    }
    sweeping = idle.size && after(leaveMs / 4, sweep, core);
    for (const portion of portionsOf(topics)) {
      core._ask({ type: 'unsubscribe', topics: portion.map(({ _name }) => _name) });
    }
  }

  return {
    _patterns: patterns,
    _findStream: find,
    _streamOf: get,
    _again: again,
    _inboxPosition: () => inbox?._position,

    _hold(stream: Stream, presence?: boolean): Cancel {
      if ((presence && !stream._wantsPresence) || stream._refused || stream._putOut) {
        stream._asked = stream._refused = stream._putOut = false;
        stream._wantsPresence ||= presence;
      }
      if (!stream._asked) want(stream);
      stream._holders++;
      let held = true;
      return () => {
        if (held && !--stream._holders) leaveLater(stream);
        held = false;
      };
    },

    _flushSubscriptions(): void {
      const plain: Stream[] = [];
      const followed: Stream[] = [];
      const matching: Stream[] = [];
      for (const stream of wanted) {
        if (!stream._holders) continue;
        if (stream._kind === 'room') join(stream);
        else (stream._matcher ? matching : stream._wantsPresence ? followed : plain).push(stream);
      }
      wanted.clear();
      subscribe(followed, true);
      subscribe(plain.concat(matching), false);
    },

    _wasPutOut(stream: Stream, frame: Frame): void {
      stream._confirmed = false;
      stream._putOut = true;
      stream._emit(frame);
    },

    _enteredInbox(name: string, position: unknown): void {
      const stream = get('topic', name);
      if (stream !== inbox) stream._holders++;
      inbox = stream;
      stream._asked = true;
      stream._stand(position);
    },

    _loseSubscriptions(): void {
      for (const stream of streams.values()) {
        stream._asked = stream._confirmed = stream._refused = false;
        if (stream._holders && !stream._putOut && stream !== inbox) wanted.add(stream);
      }
    },
  };
}
