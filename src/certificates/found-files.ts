import { X509Certificate } from 'node:crypto';
import type { Directory } from '../host/beneath.ts';
import type { Certificate } from '../manifest/types.ts';
import { ifThere } from './if-there.ts';
import { keyTypeOf } from './keys.ts';
import { markerName } from './layout.ts';
import { missingNames, namesOf } from './names.ts';
import { type Found, otherGroup } from './state.ts';
import { placeOf, readPlace } from './survey.ts';
import { readValidity } from './validity.ts';

interface At {
  readonly directory: Directory;
  readonly generation: Directory | undefined;
  readonly gid: number;
}

/**
 * What somebody else installed, such as NixOS' own module: read from the certificate. Without
 * the marker it is that module's self-signed stand-in.
 */
export function foundByFiles(at: At, certificate: Certificate): Found {
  const { directory, generation } = at;
  const key = placeOf(directory, generation, 'key.pem');
  const fullchain = placeOf(directory, generation, 'fullchain.pem');
  const leaf = readLeaf(directory, generation);
  const files = key !== undefined && fullchain !== undefined;
  const marked = directory.stat(markerName) !== undefined;
  const missing = leaf === undefined ? [] : missingNames(certificate.domains, namesOf(leaf));
  return {
    marked,
    files,
    generation: undefined,
    issuer: marked || !files ? undefined : 'placeholder',
    validity: leaf && readValidity(leaf),
    keyType: leaf && keyTypeOf(leaf.publicKey),
    otherNames: missing.length === 0 ? undefined : `it is not for ${missing.join(', ')}`,
    unfinished: otherGroup(key?.directory.stat(key.name)?.gid, at.gid),
  };
}

function readLeaf(
  directory: Directory,
  generation: Directory | undefined,
): X509Certificate | undefined {
  for (const name of ['cert.pem', 'fullchain.pem'] as const) {
    const pem = ifThere(() => readPlace(placeOf(directory, generation, name)));
    const leaf = pem && parse(pem);
    if (leaf !== undefined) return leaf;
  }
  return undefined;
}

function parse(pem: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
