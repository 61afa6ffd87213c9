// The types of an application's own data, from one plain interface:
//
//   interface App {
//     topics: { 'prices.*': Price; news: string };
//     rooms: { lobby: string; 'team.>': { text: string } };
//     rpc: { orders: { create(params: { item: number }): { id: number } } };
//   }
//
// Names may be patterns. What the interface leaves out may be anything; a name that it does not have is an error.
import type { RequestOptions } from './requests.js';

/** Whether a name is one of those that a pattern means: `*` is one part, `>` one or more. */
export type Matches<Pattern extends string, Name extends string> = Pattern extends '>'
  ? true
  : Pattern extends `${infer PatternPart}.${infer PatternRest}`
    ? Name extends `${infer NamePart}.${infer NameRest}`
      ? PatternPart extends '*' | NamePart
        ? Matches<PatternRest, NameRest>
        : false
      : false
    : Name extends `${string}.${string}`
      ? false
      : Pattern extends '*'
        ? true
        : Name extends Pattern
          ? true
          : false;

type Table<App, Part extends string> = Part extends keyof App ? App[Part] : Record<string, any>;

/** The names of a table that say what `Name` is: itself, or else the patterns that it matches. */
type KeysFor<Names, Name extends string> = Name extends keyof Names
  ? Name
  : { [Key in keyof Names & string]: string extends Key ? Key : Matches<Key, Name> extends true ? Key : never }[keyof Names & string];

/** Those that a pattern may bring, in either direction. */
type KeysUnder<Names, Pattern extends string> = {
  [Key in keyof Names & string]: string extends Key
    ? Key
    : Matches<Pattern, Key> extends true
      ? Key
      : Matches<Key, Pattern> extends true
        ? Key
        : never;
}[keyof Names & string];

/** `unknown` for a name that the application has, so that it can be joined to any type; else `never`. */
type Known<Keys> = [Keys] extends [never] ? never : unknown;

export type RoomName<App, Name extends string> = Name & Known<KeysFor<Table<App, 'rooms'>, Name>>;
export type RoomContent<App, Name extends string> = Table<App, 'rooms'>[KeysFor<Table<App, 'rooms'>, Name> & keyof Table<App, 'rooms'>];

export type TopicName<App, Name extends string> = Name & Known<KeysFor<Table<App, 'topics'>, Name>>;
export type TopicData<App, Name extends string> = Table<App, 'topics'>[KeysFor<Table<App, 'topics'>, Name> & keyof Table<App, 'topics'>];

export type PatternName<App, Name extends string> = Name & Known<KeysUnder<Table<App, 'topics'>, Name>>;
export type PatternData<App, Name extends string> = Table<App, 'topics'>[KeysUnder<Table<App, 'topics'>, Name> & keyof Table<App, 'topics'>];

type Method = (params: any) => any;
type ParamsOf<Call> = Call extends () => any
  ? [params?: undefined, options?: RequestOptions]
  : Call extends Method
    ? [params: Parameters<Call>[0], options?: RequestOptions]
    : never;
type ResultOf<Call> = Call extends (...params: any[]) => infer Result ? Awaited<Result> : never;

/** How an application calls its services. */
export type Rpc<App> = App extends { rpc: infer Services }
  ? <Service extends keyof Services & string, Name extends keyof Services[Service] & string>(
      service: Service,
      method: Name,
      ...rest: ParamsOf<Services[Service][Name]>
    ) => Promise<ResultOf<Services[Service][Name]>>
  : (service: string, method: string, params?: object, options?: RequestOptions) => Promise<any>;
