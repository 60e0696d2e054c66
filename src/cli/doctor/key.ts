import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type FileName, fileNames } from '../../certificates/layout.ts';
import { enterCurrent, placeOf, readPlace } from '../../certificates/survey.ts';
import { BindstoError, errnoOf, toBindstoError } from '../../errors.ts';
import { Directory } from '../../host/beneath.ts';
import type { Places } from '../../host/places.ts';
import { counted } from '../counts.ts';
import { askRoot, type Check, type Finding, problem, unknown } from './check.ts';

/** The five files of each certificate are of one another. */
export const key: Check = {
  name: 'key',
  look({ session: { places }, certificates }) {
    const findings = certificates.flatMap(({ name, instance }) =>
      filesFindings(places, name, instance),
    );
    return { fine: `${counted(certificates.length, 'certificate')}: files and keys fit`, findings };
  },
};

function filesFindings(places: Places, name: string, instance: string): Finding[] {
  const again = `bindsto renew --force ${name}`;
  try {
    const files = read(places, instance);
    if (files === undefined) return [];
    return mismatches(files).map((found) => problem(name, found, again));
  } catch (error) {
    const { code, message } = toBindstoError(error);
    if (code === 'permission') return [unknown(name, message, askRoot)];
    return [problem(name, message, again)];
  }
}

interface Files {
  readonly text: ReadonlyMap<FileName, string>;
  /** How many installations they are of. */
  readonly sources: number;
}

/** Undefined where nothing is installed. No link is followed but those of bindsto. */
function read(places: Places, instance: string): Files | undefined {
  using acme = openIfThere(() => Directory.open(places.acme));
  using directory = acme && openIfThere(() => acme.enter(instance));
  if (directory === undefined) return undefined;
  using generation = enterCurrent(directory);
  const found = fileNames.map((name) => [name, placeOf(directory, generation, name)] as const);
  const there = found.filter(([, place]) => place !== undefined);
  if (there.length === 0) return undefined;
  const text = there.map(([name, place]) => [name, `${readPlace(place)}`] as const);
  const sources = new Set(there.map(([, place]) => place?.directory.path)).size;
  return { text: new Map(text), sources };
}

function openIfThere<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof BindstoError && errnoOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/** In words; no content of any file. Of many, most are only compared and not parsed. */
function mismatches({ text, sources }: Files): string[] {
  const missing = fileNames.filter((name) => !text.has(name));
  if (missing.length > 0) return [`${missing.join(', ')}: not there`];
  const found = sources > 1 ? ['its files are of different installations'] : [];
  const certificates = (name: FileName) => blocksIn(text.get(name) ?? '', /^CERTIFICATE$/);
  const keyOf = (name: FileName) => blocksIn(text.get(name) ?? '', /PRIVATE KEY$/)[0];
  const [leaf, ...issuers] = certificates('fullchain.pem');
  if (leaf === undefined) return [...found, 'there is no certificate in fullchain.pem'];
  // what signed itself is its own chain, as NixOS' module has it
  const chain = issuers.length === 0 ? [leaf] : issuers;
  const expected = { 'cert.pem': [leaf], 'chain.pem': chain, 'full.pem': [leaf, ...issuers] };
  for (const [name, blocks] of Object.entries(expected) as [FileName, string[]][]) {
    const there = certificates(name).slice(0, name === 'cert.pem' ? 1 : undefined);
    if (there.join() !== blocks.join()) found.push(`${name} is of another certificate`);
  }
  const keys = new Map<FileName, string | undefined>([['key.pem', keyOf('key.pem')]]);
  if (keyOf('full.pem') !== keyOf('key.pem')) keys.set('full.pem', keyOf('full.pem'));
  for (const [name, block] of keys) {
    if (!isKeyOf(leaf, block)) found.push(`the key in ${name} is not that of the certificate`);
  }
  return found;
}

/** RFC 7468: whatever else stands in the text is explanation. */
function blocksIn(text: string, label: RegExp): string[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g);
  return [...blocks].flatMap(([block, of = '']) => (label.test(of) ? [unwrapped(block)] : []));
}

/** Lines may be of any length, and end in any way. */
function unwrapped(block: string): string {
  const [, begin, body = '', end] = /^(-+[^-]+-+)([^-]+)(-+[^-]+-+)$/.exec(block) ?? [];
  return `${begin}\n${body.replace(/\s/g, '')}\n${end}`;
}

function isKeyOf(leaf: string, block: string | undefined): boolean {
  try {
    const key = createPrivateKey(block ?? '');
    return new X509Certificate(leaf).checkPrivateKey(key);
  } catch {
    return false;
  }
}
