import { defaultIdentities } from './defaults.ts';
import { isRecord, parseManifestJson } from './json.ts';
import { artifactNameProblem, certificateNameProblem, instanceOf } from './names.ts';
import { localSet } from './sets.ts';

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
  const certificates = itemsOf(manifest.certificates, certificateNameProblem);
  const artifacts = itemsOf(manifest.artifacts, artifactNameProblem);
  const defaultBackend = recordAt(recordAt(manifest.artifacts).defaults).backend;
  const waitForMissing = recordAt(manifest.settings).waitForMissing;
  return {
    waitForMissing: Number.isSafeInteger(waitForMissing) ? Number(waitForMissing) : 30,
    certificates: certificates.good.map(([name]) => ({
      instance: instanceOf(name),
      set: localSet,
    })),
    artifacts: artifacts.good.map(([name, item]) =>
      outlineArtifact(name, recordAt(item), defaultBackend),
    ),
    identities: identitiesOf(manifest.artifacts),
    unnameable: certificates.unnameable + artifacts.unnameable,
  };
}

function outlineArtifact(
  name: string,
  { files, backend }: Record<string, unknown>,
  defaultBackend: unknown,
): OutlinedArtifact {
  const all = Object.values(recordAt(files)).map(recordAt);
  return {
    instance: instanceOf(name),
    runsProgram: (backend ?? defaultBackend) === 'dummy',
    neededForUsers: all.some((file) => file.neededForUsers === true),
    paths: all.flatMap(({ path }) => (typeof path === 'string' ? [path] : [])),
  };
}

function identitiesOf(artifacts: unknown): string[] {
  const { identities } = recordAt(recordAt(recordAt(artifacts).backends).agenix);
  if (!Array.isArray(identities)) return [...defaultIdentities];
  return identities.filter((path) => typeof path === 'string');
}

function itemsOf(section: unknown, nameProblem: (name: string) => unknown) {
  const items = Object.entries(recordAt(recordAt(section).items));
  const good = items.filter(([name]) => nameProblem(name) === undefined);
  return { good, unnameable: items.length - good.length };
}

function recordAt(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
