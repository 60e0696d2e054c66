import { describeProblem } from '../manifest/load.ts';
import type { ItemStatus } from '../presence/status.ts';
import { dateOf, relative } from './dates.ts';
import type { Part, Style } from './terminal.ts';

type State = ItemStatus['state'];

/** The most urgent first. */
const words: Readonly<Record<State, { readonly dot: string; readonly style: Style }>> = {
  invalid: { dot: '×', style: 'bad' },
  expired: { dot: '×', style: 'bad' },
  failed: { dot: '×', style: 'bad' },
  missing: { dot: '○', style: 'waiting' },
  'self-signed': { dot: '○', style: 'waiting' },
  due: { dot: '●', style: 'waiting' },
  valid: { dot: '●', style: 'good' },
  present: { dot: '●', style: 'good' },
};

const urgency = Object.keys(words);

/** By state, then by the end of the certificate, then by name. */
export function byUrgency(one: ItemStatus, other: ItemStatus): number {
  return (
    urgency.indexOf(one.state) - urgency.indexOf(other.state) ||
    compare(one.notAfter ?? '~', other.notAfter ?? '~') ||
    compare(one.name, other.name) ||
    compare(one.kind, other.kind)
  );
}

export function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

export function isProblem({ state }: ItemStatus): boolean {
  return styleOf(state) === 'bad';
}

export function stateWord({ state }: ItemStatus): Part {
  return { text: state, style: styleOf(state) };
}

export function dot({ state }: ItemStatus): Part {
  return { text: words[state]?.dot ?? '×', style: styleOf(state) };
}

/** A word that a newer version has written, or one that is no state, is bad news. */
export function styleOf(state: string): Style {
  return words[state as State]?.style ?? 'bad';
}

/** The name that no item of the other kind shares. */
export function labelOf({ kind, name }: Pick<ItemStatus, 'kind' | 'name'>): string {
  return `${kind === 'certificate' ? 'cert' : 'artifact'}@${name}`;
}

/** Why an item is not as it should be, in one sentence. */
export function reasonOf(item: ItemStatus): string | undefined {
  const { problems: [first] = [], why, state } = item;
  if (first) return describeProblem(first);
  return errorOf(item) ?? why ?? (state === 'missing' ? 'nothing was made yet' : undefined);
}

export function errorOf({ name, lastError }: ItemStatus): string | undefined {
  return lastError && withoutName(lastError.message, name);
}

/** Where an item is shown, its error need not begin with its name. */
export function withoutName(message: string, name: string): string {
  const prefixes = [`${name}: `, `artifact ${JSON.stringify(name)}: `];
  const prefix = prefixes.find((each) => message.startsWith(each)) ?? '';
  return message.slice(prefix.length);
}

/** `in 5 min`; `now` for a try that is due. */
export function nextTryOf({ nextTry }: ItemStatus, now: Date): string | undefined {
  const date = dateOf(nextTry);
  return date && relative(date, now, 'now');
}
