import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { type FileName, fileNames } from '../../certificates/layout.ts';
import { enterCurrent, placeOf, readPlace } from '../../certificates/survey.ts';
import { BindstoError, errnoOf, toBindstoError } from '../../errors.ts';
import { Directory } from '../../host/beneath.ts';
import type { Places } from '../../host/places.ts';
import { counted } from '../counts.ts';
import { certificatesIn } from '../installed.ts';
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

/** In words; no content of any file. */
function mismatches({ text, sources }: Files): string[] {
  const missing = fileNames.filter((name) => !text.has(name));
  if (missing.length > 0) return [`${missing.join(', ')}: not there`];
  const found = sources > 1 ? ['its files are of different installations'] : [];
  const certificates = (name: FileName) => parsed(name, text.get(name) ?? '');
  const [leaf, ...issuers] = certificates('fullchain.pem');
  if (leaf === undefined) return [...found, 'there is no certificate in fullchain.pem'];
  if (!same(certificates('cert.pem').slice(0, 1), [leaf]))
    found.push('cert.pem is of another certificate');
  // what signed itself is its own chain, as NixOS' module has it
  const chain = issuers.length === 0 ? [leaf] : issuers;
  if (!same(certificates('chain.pem'), chain)) found.push('chain.pem is of another certificate');
  if (!same(certificates('full.pem'), [leaf, ...issuers]))
    found.push('full.pem is of another certificate');
  for (const name of ['key.pem', 'full.pem'] as const) {
    if (!isKeyOf(leaf, text.get(name) ?? ''))
      found.push(`the key in ${name} is not that of the certificate`);
  }
  return found;
}

function parsed(name: FileName, text: string): X509Certificate[] {
  try {
    return certificatesIn(text);
  } catch (cause) {
    throw new BindstoError('data', `${name} holds a damaged certificate`, { cause });
  }
}

function same(some: readonly X509Certificate[], others: readonly X509Certificate[]): boolean {
  return (
    some.length === others.length && some.every((each, at) => others[at]?.raw.equals(each.raw))
  );
}

function isKeyOf(leaf: X509Certificate, text: string): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(text));
  } catch {
    return false;
  }
}
