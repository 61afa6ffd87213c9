// Requests and their answers: those that wait for a connection, those that wait for an answer, and what becomes of both
// when the connection is lost.
import type { Core } from './core.js';
import { errorOf, TroupeError } from './errors.js';
import type { Frame } from './frames.js';
import { undoing } from './listeners.js';
import type { Offline } from './options.js';
import { after, now, type Cancel } from './timers.js';

export interface RequestOptions {
  signal?: AbortSignal;
  /** The answer takes at most so long; else it is `timeout`. */
  deadlineMs?: number;
  /** While there is no connection: wait for one, or be rejected. */
  offline?: Offline;
}

/** Called once, with the server's answer or with why there is none. */
export type Answered = (error: TroupeError | undefined, answer?: any) => void;

interface Request {
  _frame: Frame;
  /** Made when it is asked: what is no JSON is its own caller's, and what is changed later is not sent. */
  _text: string;
  _answered: Answered;
  /** On this connection. */
  _sentAt?: number;
}

export interface RequestsPart {
  /** For what is asked anew on each connection: sent at once, and forgotten when the connection is lost. */
  _ask(frame: object, answered?: Answered): void;
  _request(frame: object, options?: RequestOptions): Promise<any>;
  /** Something awaited, which also ends when the signal aborts or the client is closed. `start` gives what is undone then. */
  _begin(
    start: (settle: Answered, end: (code: string) => Cancel) => Cancel[],
    signal?: AbortSignal,
    offline?: Offline,
  ): Promise<any>;
  /** Why nothing can be asked. */
  _refused(signal?: AbortSignal): string | false | undefined;
  /** Sends what nobody waits for, behind what was asked before it, or not at all. */
  _pass(frame: object): boolean;
  _newMessageId(): string;
  /** Sends what has not been sent on this connection, in the order in which it was asked. */
  _flushRequests(): void;
  /** The frame is an answer: to this request, if somebody still waits for it. */
  _answer(frame: Frame): Frame | undefined;
  /**
   * What has a `msg_id` is sent again on the next connection; of all else nobody knows whether it was done. Where the
   * server has closed because a frame was too long for it, that was the longest.
   */
  _loseRequests(code?: number): void;
}

/** The server remembers a `msg_id` for two minutes: later a repetition would be said again. */
const REMEMBERED_MS = 110_000;
const TOO_BIG = 1009;

function textOf(frame: object): string {
  try {
    return JSON.stringify(frame);
  } catch (error) {
    throw new TroupeError('bad_request', '' + error);
  }
}

export function createRequests(core: Core): RequestsPart {
  const { _settings: settings } = core;
  const open = new Map<unknown, Request>();
  // Nobody else's: a `msg_id` is the sender's own, and one sender may be several clients.
  const run = Math.random().toString(36);
  let lastId = 0;

  function add(frame: object, _answered: Answered): Request {
    const number = { id: ++lastId };
    // The id comes first: where what follows is no text, the server can still say whose it is.
    const _frame: any = { ...number, ...frame, ...number };
    const request: Request = { _frame, _text: textOf(_frame), _answered };
    open.set(number.id, request);
    return request;
  }

  function send(request: Request): void {
    request._sentAt = now();
    core._send(request._text);
  }

  function settle({ _frame, _answered }: Request, error?: TroupeError, answer?: Frame): void {
    if (open.delete(_frame.id)) _answered(error, answer);
  }

  const refusal = (signal?: AbortSignal, offline?: Offline): string | false | undefined =>
    signal?.aborted
      ? 'aborted'
      : core._state === 'closed'
        ? 'closed'
        : core._state !== 'open' &&
          (offline === 'reject' ? 'offline' : offline && open.size >= settings.waitingMax && 'too_many_waiting');

  /** Of what ends it, the first counts; then all is undone. */
  const begin: RequestsPart['_begin'] = (start, signal, offline) =>
    new Promise((resolve, reject) => {
      const refused = refusal(signal, offline);
      if (refused) return reject(new TroupeError(refused));
      const settle: Answered = (error, answer) => {
        if (error) reject(error);
        else resolve(answer);
        stop();
      };
      const end = (code: string) => () => settle(new TroupeError(code));
      const stop = undoing(signal, ...start(settle, end), core._whenClosed(end('closed')), end('aborted'));
    });

  return {
    _begin: begin,
    _refused: refusal,

    _ask: (frame, answered = () => {}) => send(add(frame, answered)),

    _request: (frame, { signal, deadlineMs = settings.deadlineMs, offline = settings.offline } = {}) =>
      begin((answered, end) => {
        const { _frame } = add(frame, answered);
        core._flushSoon();
        return [() => open.delete(_frame.id), after(deadlineMs, end('timeout'), core)];
      }, signal, offline),

    _pass(frame) {
      const isOpen = core._state === 'open';
      const text = textOf(frame);
      if (isOpen) queueMicrotask(() => core._send(text));
      return isOpen;
    },

    _newMessageId: () => run + ++lastId,

    _flushRequests() {
      for (const request of open.values()) if (!request._sentAt) send(request);
    },

    _answer(frame) {
      const request = open.get(frame.id);
      if (request) settle(request, frame.type === 'error' ? errorOf(frame) : undefined, frame);
      return request?._frame;
    },

    _loseRequests(code) {
      // The longest first.
      for (const request of [...open.values()].sort((one, other) => other._text.length - one._text.length)) {
        const { _sentAt, _frame } = request;
        if (!_sentAt) continue;
        if (code === TOO_BIG) settle(request, new TroupeError('limit_exceeded', 'Message too big'));
        else if (_frame.msg_id && now() - _sentAt < REMEMBERED_MS) request._sentAt = undefined;
        else settle(request, new TroupeError('connection_lost'));
        code = 0;
      }
    },
  };
}
