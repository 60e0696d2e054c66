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

/**
 * A unit file as systemd.syntax(7) wants it. `ini` quotes or escapes some characters in a
 * way that systemd takes literally; these travel through it as private-use characters.
 *
 * @throws Error for a value that cannot be written on one line as it is.
 */
export function renderUnit(header: string, sections: Sections): string {
  const hidden = Object.entries(sections).map(([name, directives]) => [
    name,
    Object.fromEntries(Object.entries(directives).map(([key, value]) => [key, hide(value)])),
  ]);
  const text = stringify(Object.fromEntries(hidden), { bracketedArray: false });
  return `# ${header}\n${text.replace(/[\ue000-\ue005]/g, reveal)}`;
}

const special = '=;#"\'[';

function hide(value: string | readonly string[]): string | string[] {
  if (typeof value !== 'string') return value.map((each) => hide(each) as string);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f\ue000-\ue005]|^\s|\s$|\\$/.test(value)) {
    throw new Error(`cannot stand in a unit file: ${JSON.stringify(value)}`);
  }
  return value.replace(/[=;#"'[]/g, (c) => String.fromCharCode(0xe000 + special.indexOf(c)));
}

function reveal(character: string): string {
  return special.charAt(character.charCodeAt(0) - 0xe000);
}
