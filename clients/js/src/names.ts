// The names of rooms and topics, and patterns of them. One bad name would refuse a whole request, so none is sent.
import { TroupeError } from './errors.js';

const PATTERN = /^([\w:@/-]+\.|\*\.)*([\w:@/-]+|\*|>)$/;
const NAME_MAX = 128;

export const isPattern = (name: string): boolean => /[*>]/.test(name);

/** Throws `invalid_name` for what the server would refuse. */
export function checkName(name: string, mayBePattern: boolean): void {
  if (!PATTERN.test(name) || name.length > NAME_MAX || (isPattern(name) && !mayBePattern)) {
    throw new TroupeError('invalid_name', 'Invalid name: ' + name);
  }
}

/** Whether names match: `*` is one part, `>` one or more. */
export const matcherOf = (pattern: string): RegExp =>
  RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace('>', '.+')}$`);
