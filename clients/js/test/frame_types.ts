// Never run: the compiler is the test. What the client's types say of a frame holds for what the server sends, by its
// own description: each frame of src/protocol.ts may stand for ours, and ours has no field that it does not know.
import type * as ours from '../src/frames.js';
import type * as sent from '../src/protocol.js';

type Fits<Sent extends Ours, Ours> = Exclude<keyof Ours, keyof Sent> extends never ? true : never;
const fits = <Sent extends Ours, Ours>(_: Fits<Sent, Ours>): void => {};

fits<sent.MessageFrame, ours.Message>(true);
fits<sent.PublicationFrame, ours.Publication<unknown, string>>(true);
fits<sent.SignalFrame, ours.Signal>(true);
fits<sent.UserJoinedFrame | sent.UserLeftFrame, ours.UserCame>(true);
fits<sent.GapFrame, ours.Gap>(true);
fits<sent.PresentUser, ours.Person>(true);
fits<sent.PresenceFrame, ours.Presence>(true);
fits<sent.PresenceDiffFrame, ours.PresenceDiff>(true);
fits<sent.HistoryFrame, ours.History<sent.ServerFrame>>(true);
fits<sent.ErrorFrame, ours.ErrorFrame>(true);
fits<sent.AnnouncementFrame, ours.Announcement>(true);
fits<sent.InboxNotificationFrame, ours.Notification>(true);
fits<sent.AuthenticatedFrame, ours.Authenticated>(true);
fits<sent.Position, ours.Position>(true);
// @ts-expect-error a field that no frame of the server has
fits<sent.GapFrame, ours.Gap & { lost?: number }>(true);
// @ts-expect-error a field of another type
fits<sent.GapFrame, Omit<ours.Gap, 'dropped'> & { dropped: string }>(true);
