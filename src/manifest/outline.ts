import { defaultIdentities, defaultWait } from './defaults.ts';
import { isRecord, parseManifestJson } from './json.ts';
import { artifactNameProblem, certificateNameProblem, instanceOf } from './names.ts';
import { type Needs, outlineNeeds } from './needs.ts';

/**
 * As much of a manifest as units depend on. The generator runs at every daemon-reload, so
 * this looks at nothing else and loads no validator: a bad item counts as declared here,
 * and the worker that meets it says what is wrong with it.
 */
export interface Outline {
  /** Seconds; 0: not at all. */
  readonly waitForMissing: number;
  readonly certificates: readonly OutlinedCertificate[];
  readonly artifacts: readonly OutlinedArtifact[];
  /** Keys that decrypt artifacts; one that comes late is waited for. */
  readonly identities: readonly string[];
  /** Items whose name cannot stand in a unit's name. */
  readonly unnameable: number;
}

export interface OutlinedCertificate {
  readonly instance: string;
  readonly set: string;
  /** One object for all that need the same. */
  readonly needs: Needs;
}

export interface OutlinedArtifact {
  readonly instance: string;
  /** Its backend runs a program on the target, so it has to wait for a unit of its own. */
  readonly runsProgram: boolean;
  readonly neededForUsers: boolean;
  /** Declared paths of its files. */
  readonly paths: readonly string[];
}

/** @throws BindstoError `manifest` when the manifest as a whole cannot be used. */
export function outlineManifest(text: string): Outline {
  const manifest = parseManifestJson(text);
  const certificates = outlineSection(manifest.certificates, certificateNameProblem);
  const artifacts = outlineSection(manifest.artifacts, artifactNameProblem);
  const { backend } = artifacts.defaults;
  const needsOf = outlineNeeds(certificates.defaults);
  return {
    waitForMissing: waitOf(recordAt(manifest.settings).waitForMissing),
    certificates: certificates.names.map((name) => {
      const needs = needsOf(recordAt(certificates.items[name]));
      return { instance: instanceOf(name), set: needs.set, needs };
    }),
    artifacts: artifacts.names.map((name) => outlineArtifact(name, artifacts.items[name], backend)),
    identities: identitiesOf(manifest.artifacts),
    unnameable: certificates.unnameable + artifacts.unnameable,
  };
}

/** What a generator has to say although it did its work. */
export function warningOf({ unnameable }: Outline): string | undefined {
  if (unnameable === 0) return undefined;
  const items = unnameable === 1 ? 'an item whose name' : `${unnameable} items whose names`;
  return `left out ${items} cannot stand in a unit name: 'bindsto validate' tells which`;
}

function outlineSection(section: unknown, nameProblem: (name: string) => unknown) {
  const { items, defaults } = recordAt(section);
  const all = Object.keys(recordAt(items));
  const names = all.filter((name) => nameProblem(name) === undefined);
  return {
    items: recordAt(items),
    defaults: recordAt(defaults),
    names,
    unnameable: all.length - names.length,
  };
}

function outlineArtifact(name: string, item: unknown, defaultBackend: unknown): OutlinedArtifact {
  const { files, backend = defaultBackend } = recordAt(item);
  const paths: string[] = [];
  let neededForUsers = false;
  for (const file of Object.values(recordAt(files)).map(recordAt)) {
    if (typeof file.path === 'string') paths.push(file.path);
    if (file.neededForUsers === true) neededForUsers = true;
  }
  return { instance: instanceOf(name), runsProgram: backend === 'dummy', neededForUsers, paths };
}

function identitiesOf(artifacts: unknown): readonly string[] {
  const { identities } = recordAt(recordAt(recordAt(artifacts).backends).agenix);
  if (!Array.isArray(identities)) return defaultIdentities;
  return identities.filter((path) => typeof path === 'string');
}

/** Workers refuse what is no time at all; systemd, what is longer than its clock. */
function waitOf(seconds: unknown): number {
  return Number.isInteger(seconds) && Number(seconds) >= 0
    ? Math.min(Number(seconds), 24 * 60 * 60)
    : defaultWait;
}

function recordAt(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
