import type { Needs } from '../manifest/needs.ts';
import type { OutlinedCertificate } from '../manifest/outline.ts';
import { type Credentials, localSet } from '../manifest/sets.ts';
import { serversBefore } from './plan-order.ts';
import { planWebroots } from './plan-paths.ts';
import { offline } from './sandbox.ts';
import { canStandInUnit, type DropIn, literal, type Sections } from './text.ts';

interface Surroundings {
  /** Where the local issuer's key is kept. */
  readonly localCa: string;
  readonly isThere: (path: string) => boolean;
  readonly dependenciesOf: (unit: string) => readonly string[];
  /** The instance of the artifact that puts a file there. */
  readonly artifactAt: (path: string) => string | undefined;
}

/**
 * What the workers of certificates are given: a drop-in for the batch of each set, and one for
 * the template of single workers, with what most of them need. The others have one of their
 * own, which takes the place of the template's, since it has the same name (systemd.unit(5)).
 */
export function planCertificates(
  certificates: readonly OutlinedCertificate[],
  surroundings: Surroundings,
): DropIn[] {
  const counts = new Map<Needs, number>();
  for (const { needs } of certificates) counts.set(needs, (counts.get(needs) ?? 0) + 1);
  const all = [...counts.keys()];
  const issuesLocally = all.some(({ local }) => local);
  const sectionsOf = (set: string, needs: readonly Needs[]): Sections => {
    if (set === localSet) return localSections(issuesLocally, surroundings);
    const servers = serversBefore(needs, surroundings.dependenciesOf, () =>
      certificates.filter((each) => each.set === set),
    );
    return acmeSections(needs, servers, surroundings);
  };
  const batches = groupBy(all, ({ set }) => set);
  // the fall-back of other sets is made in this one
  if (issuesLocally && !batches.has(localSet)) batches.set(localSet, []);
  return [
    ...[...batches].map(
      ([set, needs]): DropIn => [`cert-renew@${set}.service`, sectionsOf(set, needs)],
    ),
    ...planWorkers(certificates, counts, sectionsOf),
    ...planSockets(all),
  ];
}

function planWorkers(
  certificates: readonly OutlinedCertificate[],
  counts: ReadonlyMap<Needs, number>,
  sectionsOf: (set: string, needs: readonly Needs[]) => Sections,
): DropIn[] {
  const groups = groupBy([...counts.keys()], ({ set, listener }) => `${set} ${listener?.id ?? ''}`);
  const sections = new Map<Needs, Sections>();
  let [most, usual]: [number, Sections | undefined] = [0, undefined];
  for (const needs of groups.values()) {
    const own = sectionsOf(needs[0]?.set ?? localSet, needs);
    for (const each of needs) sections.set(each, own);
    const count = needs.reduce((sum, each) => sum + (counts.get(each) ?? 0), 0);
    if (count > most) [most, usual] = [count, own];
  }
  if (usual === undefined) return [];
  const dropIns: DropIn[] = [['cert@.service', usual]];
  for (const { instance, needs } of certificates) {
    const own = sections.get(needs);
    if (own !== undefined && own !== usual) dropIns.push([`cert@${instance}.service`, own]);
  }
  return dropIns;
}

/** No network, and alone with the key of the private CA. */
function localSections(issues: boolean, { localCa }: Surroundings): Sections {
  const directory = literal(localCa);
  const LoadCredential = ['key', 'cert'].map((file) => `local-ca-${file}:${directory}/${file}.pem`);
  return { Service: { ...offline, ...(issues && { LoadCredential }) } };
}

/** An order before there is a network would fail, and count at the CA. */
function acmeSections(
  needs: readonly Needs[],
  servers: readonly string[],
  { isThere, artifactAt }: Surroundings,
): Sections {
  const files = needs[0] === undefined ? [] : credentialsOf(needs[0].credentials);
  const LoadCredential = files.map(({ id, path }) => `${id}:${literal(path)}`);
  const webroots = needs.flatMap(({ webroot }) => webroot ?? []);
  const Service = {
    ...(LoadCredential.length > 0 && { LoadCredential }),
    ...planWebroots(webroots, isThere),
  };
  const secrets = files.flatMap(({ path }) => artifactAt(path) ?? []);
  const artifacts = [...new Set(secrets)].map((instance) => `artifact@${instance}.target`);
  const wanted = ['network-online.target', ...artifacts, ...socketsOf(needs)].join(' ');
  return {
    Unit: { Wants: wanted, After: [wanted, 'nss-lookup.target', ...servers].join(' ') },
    ...(Object.keys(Service).length > 0 && { Service }),
  };
}

/** By their ids. */
function credentialsOf({ environmentFile, credentialFiles }: Credentials) {
  const files = { ...(environmentFile !== null && { environmentFile }), ...credentialFiles };
  return Object.entries(files)
    .map(([id, path]) => ({ id, path }))
    .filter(({ path }) => canStandInUnit(path))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Whatever answers the CA listens before it is asked to come. */
function socketsOf(needs: readonly Needs[]): string[] {
  const own = needs.flatMap(({ listener }) =>
    listener ? [`acme-http@${listener.id}.socket`] : [],
  );
  const shared = needs.some(({ storage }) => storage) ? ['acme-challenge.socket'] : [];
  return [...new Set(own)].sort().concat(shared);
}

function planSockets(all: readonly Needs[]): DropIn[] {
  const listeners = new Map(all.flatMap(({ listener: l }) => (l ? [[l.id, l.address]] : [])));
  const own = [...listeners].map(
    ([id, ListenStream]): DropIn => [`acme-http@${id}.socket`, { Socket: { ListenStream } }],
  );
  if (!all.some(({ storage }) => storage)) return own;
  return [...own, ['sockets.target', { Unit: { Wants: 'acme-challenge.socket' } }]];
}

function groupBy(all: readonly Needs[], keyOf: (needs: Needs) => string): Map<string, Needs[]> {
  const groups = new Map<string, Needs[]>();
  for (const needs of all) {
    const group = groups.get(keyOf(needs));
    if (group === undefined) groups.set(keyOf(needs), [needs]);
    else group.push(needs);
  }
  return groups;
}
