import { sanitize } from '../host/sanitize.ts';
import type { Output, World } from '../host/world.ts';

/** What a colour stands for. It is only ever added to a word that says the same. */
export type Style = 'good' | 'waiting' | 'bad' | 'faint' | 'strong';

export interface Styled {
  readonly text: string;
  readonly style: Style;
}

/** A piece of a line; foreign text may stand in it as it is. */
export type Part = string | Styled;

export const colourModes = ['auto', 'always', 'never'] as const;
export type ColourMode = (typeof colourModes)[number];

/** Select Graphic Rendition, ECMA-48 section 8.3.117: on and off. */
const codes: Readonly<Record<Style, readonly [number, number]>> = {
  good: [32, 39],
  waiting: [33, 39],
  bad: [31, 39],
  faint: [2, 22],
  strong: [1, 22],
};

/** UTF-16 units of a piece; only to bound what a terminal is given. */
const longestPart = 100_000;

/**
 * Data goes to standard output, talk to standard error, and nothing of either past here:
 * each piece of a line is made harmless before colour is added.
 */
export class Terminal {
  readonly #world: World;
  readonly #mode: ColourMode;

  constructor(world: World, mode: ColourMode) {
    this.#world = world;
    this.#mode = mode;
  }

  /** Characters that a line of standard output may have. */
  get width(): number {
    const { env, stdout } = this.#world;
    const columns = Number(env.COLUMNS);
    return Number.isInteger(columns) && columns > 0 ? columns : (stdout.columns ?? 80);
  }

  get isTerminal(): boolean {
    return this.#world.stdout.isTTY === true;
  }

  print(...parts: readonly Part[]): void {
    this.#write(this.#world.stdout, parts);
  }

  /** One object for programs, with the characters escaped that a terminal would act on. */
  printJson(value: unknown, indent = 2): void {
    this.#world.stdout.write(`${escapeJson(JSON.stringify(value, undefined, indent))}\n`);
  }

  talk(...parts: readonly Part[]): void {
    this.#write(this.#world.stderr, parts);
  }

  talkJson(value: unknown): void {
    this.#world.stderr.write(`${escapeJson(JSON.stringify(value))}\n`);
  }

  note(text: string): void {
    this.talk('bindsto: ', { text: 'note:', style: 'strong' }, ` ${text}`);
  }

  /** One line of talk that the next one takes the place of; only people who watch see it. */
  progress(text: string): void {
    const { env, stderr } = this.#world;
    if (stderr.isTTY !== true || env.TERM === 'dumb') return;
    const line = [...textOf(text)].slice(0, (stderr.columns ?? 80) - 1).join('');
    stderr.write(`\r\x1b[2K${line}`); // ECMA-48: erase in line
  }

  #write(output: Output, parts: readonly Part[]): void {
    const colour = isColoured(this.#mode, this.#world.env, output);
    output.write(`${parts.map((part) => render(part, colour)).join('')}\n`);
  }
}

/** As people write it: characters that a terminal shows, one a column. */
export function textOf(part: Part): string {
  return sanitize(typeof part === 'string' ? part : part.text, longestPart);
}

function render(part: Part, colour: boolean): string {
  const text = textOf(part);
  if (typeof part === 'string' || !colour || text === '') return text;
  const [on, off] = codes[part.style];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

/** See https://no-color.org and https://force-color.org; what is said on the command line decides. */
function isColoured(mode: ColourMode, env: World['env'], output: Output): boolean {
  if (mode !== 'auto') return mode === 'always';
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return output.isTTY === true && env.TERM !== 'dumb';
}

/** JSON.stringify escapes only the oldest of the control characters. */
function escapeJson(json: string): string {
  return json.replace(/[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
