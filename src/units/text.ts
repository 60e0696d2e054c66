import { stringify } from 'ini';

/** Sections of a unit file; a list stands for a directive that is repeated. */
export type Sections = Readonly<
  Record<string, Readonly<Record<string, string | readonly string[]>>>
>;

/** A file below a directory of units: `certs.target.d/50-bindsto.conf`. */
export interface UnitFile {
  readonly path: string;
  readonly text: string;
}

/** What is added to a unit. */
export type DropIn = readonly [unit: string, sections: Sections];

/**
 * A unit file as systemd.syntax(7) wants it. `ini` quotes or escapes some characters in a
 * way that systemd takes literally; these travel through it as noncharacters of Unicode,
 * which systemd accepts in no unit.
 *
 * @throws Error for a value that cannot be written on one line as it is.
 */
export function renderUnit(header: string, sections: Sections): string {
  const hidden = Object.entries(sections).map(([name, directives]) => [
    name,
    Object.fromEntries(Object.entries(directives).map(([key, value]) => [key, hide(value)])),
  ]);
  const text = stringify(Object.fromEntries(hidden), { bracketedArray: false });
  return `# ${checked(header)}\n${text.replace(/[\ufdd0-\ufdd5]/g, reveal)}`;
}

/** Whether systemd reads a value back as it was written. */
export function canStandInUnit(value: string): boolean {
  return !unwritable.test(value);
}

/** Text in which systemd finds no specifiers (systemd.unit(5)). */
export function literal(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Blanks around it, a line that goes on, control characters, and what is no character at all. */
const unwritable = /^\s|\s$|\\$|[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

const special = '=;#"\'[';

function hide(value: string | readonly string[]): string | string[] {
  if (typeof value !== 'string') return value.map((each) => hide(each) as string);
  return checked(value).replace(/[=;#"'[]/g, (c) =>
    String.fromCharCode(0xfdd0 + special.indexOf(c)),
  );
}

function checked(value: string): string {
  if (canStandInUnit(value)) return value;
  throw new Error(`cannot stand in a unit file: ${JSON.stringify(value)}`);
}

function reveal(character: string): string {
  return special.charAt(character.charCodeAt(0) - 0xfdd0);
}
