/** 255 bytes of a unit name less `artifact-generate@` and `.service`, rounded as design says. */
export const longestInstance = 227;

/** Names below `/var/lib/acme` that are taken. Those with a leading dot are refused anyway. */
const reservedCertificates: ReadonlySet<string> = new Set(['acme-challenge']);

/** Directories, and what JavaScript takes for a part of every object. */
const notFiles: ReadonlySet<string> = new Set(['.', '..', '__proto__', 'constructor', 'prototype']);

const plain = /^[A-Za-z0-9:_.-]+$/;

/** Why a name cannot be used, in the words of a {@link Problem}. */
export interface NameProblem {
  readonly expected: string;
  readonly found: string;
}

/**
 * The name as it stands in unit names and in state paths: bytes outside of
 * `A-Za-z0-9:_.-` become `\xNN`, as systemd.unit(5) writes them. Two different names never
 * become the same instance, since the backslash is escaped itself.
 */
export function instanceOf(name: string): string {
  if (plain.test(name)) return name;
  let instance = '';
  for (const byte of Buffer.from(name, 'utf8')) {
    const character = String.fromCharCode(byte);
    instance += plain.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return instance;
}

/** The reverse of {@link instanceOf}. */
export function nameOf(instance: string): string {
  const bytes: number[] = [];
  for (let index = 0; index < instance.length; index++) {
    const hex = /^\\x([0-9a-f]{2})/.exec(instance.slice(index, index + 4))?.[1];
    bytes.push(hex === undefined ? instance.charCodeAt(index) : Number.parseInt(hex, 16));
    if (hex !== undefined) index += 3;
  }
  return Buffer.from(bytes).toString('utf8');
}

export function certificateNameProblem(name: string): NameProblem | undefined {
  if (reservedCertificates.has(name)) {
    return { expected: 'a name that is not taken below /var/lib/acme', found: quote(name) };
  }
  return nameProblem(name);
}

export function artifactNameProblem(name: string): NameProblem | undefined {
  return nameProblem(name);
}

/** A file of an artifact: becomes a file name as it is. */
export function fileNameProblem(name: string): NameProblem | undefined {
  if (notFiles.has(name)) return { expected: 'a file name', found: quote(name) };
  if (Buffer.byteLength(name) > 255) {
    return { expected: 'at most 255 bytes', found: `${Buffer.byteLength(name)} bytes` };
  }
  return characterProblem(name);
}

function nameProblem(name: string): NameProblem | undefined {
  if (plain.test(name) && name.length <= longestInstance && !/^[.-]/.test(name)) return undefined;
  if (/^[.-]/.test(name)) return { expected: 'no dot or dash in front', found: quote(name) };
  const problem = characterProblem(name);
  if (problem !== undefined) return problem;
  const length = instanceOf(name).length;
  if (length <= longestInstance) return undefined;
  return { expected: `at most ${longestInstance} characters after escaping`, found: `${length}` };
}

function characterProblem(name: string): NameProblem | undefined {
  if (name === '') return { expected: 'a name', found: 'an empty one' };
  if (/\p{Cs}/u.test(name)) return { expected: 'whole characters', found: quote(name) };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!/[/\u0000-\u001f\u007f]/.test(name)) return undefined;
  return { expected: 'no slash, NUL or control character', found: quote(name) };
}

/** Safe to print: JSON escapes control characters; long ones are cut. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
