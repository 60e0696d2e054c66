import type { Directory } from '../host/beneath.ts';
import type { Certificate } from '../manifest/types.ts';
import { fileNames, markerName } from './layout.ts';
import { sameNames } from './names.ts';
import type { CertificateRecord } from './record.ts';
import { type Found, otherGroup } from './state.ts';

interface At {
  readonly directory: Directory;
  readonly generation: Directory;
  readonly gid: number;
  /** Of the generation, to which its files belong, too. */
  readonly generationGid: number;
}

/** What bindsto installed: the record says it all, only the files have to be there. */
export function foundByRecord(at: At, certificate: Certificate, record: CertificateRecord): Found {
  const names = new Set(at.directory.list());
  const content = new Set(at.generation.list());
  const marked = names.has(markerName);
  const linked = fileNames.every((name) => names.has(name));
  const complete = linked && (marked || record.issuer === 'placeholder');
  return {
    marked,
    files:
      fileNames.every((name) => content.has(name)) &&
      names.has('fullchain.pem') &&
      names.has('key.pem'),
    generation: record.generation,
    issuer: record.issuer,
    validity: { notBefore: new Date(record.notBefore), notAfter: new Date(record.notAfter) },
    keyType: record.keyType,
    otherNames: sameNames(record.domains, certificate.domains)
      ? undefined
      : `its names are ${record.domains.join(', ')}, configured are ${certificate.domains.join(', ')}`,
    unfinished: complete
      ? otherGroup(at.generationGid, at.gid)
      : 'its installation was not finished',
  };
}
