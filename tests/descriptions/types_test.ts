// How a client uses the types of the frames: compiled, never run. Each `@ts-expect-error` is a mistake
// that they must find.
import type {
  Answers,
  ClientFrame,
  CloseCode,
  CommandResults,
  ErrorCode,
  Frames,
  KnownFrame,
  Requests,
  ServerFrame,
} from "../../clients/js/src/protocol.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_T extends true>(): void => {};

// -- what is sent ------------------------------------------------------------------------------------

export const sent: ClientFrame[] = [
  { type: "subscribe", topics: ["a", "b.*"], recover: { a: { epoch: "e", offset: 1 } }, id: 1 },
  { type: "join", room: "r", presence: true },
  { type: "message", message: { any: ["thing"] }, to: { role: "staff" }, ttl_ms: 5000, id: "x" },
  { type: "set_presence", room: "r", state: null },
  { type: "admin_command", command: "kick", user_id: 7, deny_seconds: 60 },
  { type: "ping" },
];

// @ts-expect-error: there is no such type
export const unknown: ClientFrame = { type: "shout" };
// @ts-expect-error: a room is needed
export const incomplete: ClientFrame = { type: "join" };
// @ts-expect-error: an id is a text or a number
export const wrong: ClientFrame = { type: "ping", id: true };
// @ts-expect-error: there is no such field
export const more: ClientFrame = { type: "leave", room: "r", reason: "late" };
// @ts-expect-error: there is no such command
export const command: ClientFrame = { type: "admin_command", command: "dance" };

// -- what is received --------------------------------------------------------------------------------

export function told(frame: KnownFrame): string {
  switch (frame.type) {
    case "message":
      return `${frame.user} says ${JSON.stringify(frame.message)} in ${frame.room}`;
    case "joined":
      return `${frame.epoch} ${frame.offset + 1}`;
    case "subscribed":
      return Object.entries(frame.positions)
        .map(([topic, at]) => `${topic} ${at.epoch ?? "-"} ${at.recovered}`)
        .join();
    case "error":
      // @ts-expect-error: a position may be, a topic need not
      return frame.topic.length + frame.code;
    case "disconnect":
      return frame.reconnect ? `back in ${frame.after_ms}` : frame.reason;
    case "history":
      return frame.messages.map((each: ServerFrame) => each.type).join();
    default:
      return frame.type;
  }
}

export function published(frame: ServerFrame): unknown {
  return "topic" in frame && "data" in frame ? frame.data : undefined;
}

// -- from one to the other ---------------------------------------------------------------------------

export declare function ask<T extends keyof Requests>(request: Requests[T]): Promise<Answers[T]>;

export async function ask_for_presence(): Promise<number> {
  return (await ask<"presence">({ type: "presence", room: "r" })).count;
}

holds<Same<Answers["join"], Frames["joined"]>>();
holds<Same<Answers["signal"], never>>();
holds<Same<KnownFrame, Frames[keyof Frames]>>();
holds<Same<ClientFrame, Requests[keyof Requests]>>();
holds<Same<CommandResults["kick"]["connections"], number>>();
holds<Same<Extract<CloseCode, 4403>, 4403>>();
holds<Same<Extract<ErrorCode, "not_in_room">, "not_in_room">>();
// @ts-expect-error: two that differ
holds<Same<Answers["join"], Frames["left"]>>();
