import * as v from 'valibot';
import { BindstoError } from '../errors.ts';
import { resolveArtifact } from './artifact.ts';
import { resolveCertificate } from './certificate.ts';
import { isRecord, parseManifestJson, show } from './json.ts';
import {
  artifactNameProblem,
  certificateNameProblem,
  instanceOf,
  type NameProblem,
} from './names.ts';
import { joinPath, problemsOf } from './problems.ts';
import { manifestHead } from './schema.ts';
import type { Artifact, BadItem, ItemKind, Manifest, Problem } from './types.ts';

export type ManifestHead = v.InferOutput<typeof manifestHead>;

/**
 * Reads a manifest with its defaults filled in. Items that cannot be used end up in `bad`
 * and leave the others alone.
 *
 * @throws BindstoError `manifest` when the manifest as a whole cannot be used.
 */
export function loadManifest(text: string): Manifest {
  const { manifest, problems } = checkManifest(text);
  if (manifest !== undefined) return manifest;
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  throw new BindstoError(
    'manifest',
    `${first ? describeProblem(first) : 'nothing usable'}${more}`,
    {
      hint: "run 'bindsto validate' on the file to see all that is wrong",
    },
  );
}

/**
 * The manifest, unless it cannot be used as a whole, and all that is wrong with it.
 *
 * @throws BindstoError `manifest` for text that is not JSON or of an unknown version.
 */
export function checkManifest(text: string): { manifest?: Manifest; problems: Problem[] } {
  const json = parseManifestJson(text);
  const head = v.safeParse(manifestHead, json);
  if (head.success) {
    const manifest = resolve(head.output);
    return { manifest, problems: problemsOfItems(manifest) };
  }
  const wrong = new Set(head.issues.map(({ path }) => path?.[0].key));
  const rest = Object.entries(json).filter(([key]) => !wrong.has(key));
  const items = problemsOfItems(resolve(v.parse(manifestHead, Object.fromEntries(rest))));
  return { problems: [...problemsOf(head.issues, ''), ...items] };
}

export function describeProblem({ where, expected, found }: Problem): string {
  return `${where}: expected ${expected}, found ${found}`;
}

function problemsOfItems({ bad }: Manifest): Problem[] {
  return bad.flatMap(({ problems }) => problems);
}

function resolve(head: ManifestHead): Manifest {
  const bad: BadItem[] = [];
  const sift = <T>(
    kind: ItemKind,
    items: Record<string, unknown>,
    nameProblem: (name: string) => NameProblem | undefined,
    one: (name: string, item: unknown, where: string) => T | Problem[],
  ): T[] => {
    const good: T[] = [];
    for (const [name, item] of Object.entries(items)) {
      const where = joinPath(`${kind}s.items`, name);
      const unnameable = nameProblem(name);
      const unusable = unnameable ?? shapeProblem(item);
      const result = unusable === undefined ? one(name, item, where) : [{ where, ...unusable }];
      if (!Array.isArray(result)) good.push(result);
      else
        bad.push({
          kind,
          name,
          problems: result,
          instance: unnameable ? undefined : instanceOf(name),
        });
    }
    return good;
  };

  const { certificates, artifacts } = head;
  return {
    settings: head.settings,
    localIssuer: head.issuers.local,
    acmeIssuers: head.issuers.acme,
    identities: artifacts.backends.agenix.identities,
    certificates: sift('certificate', certificates.items, certificateNameProblem, (...item) =>
      resolveCertificate(certificates.defaults, ...item),
    ),
    artifacts: withoutClashes(
      sift('artifact', artifacts.items, artifactNameProblem, (...item) =>
        resolveArtifact(artifacts.defaults, ...item),
      ),
      bad,
    ),
    bad,
  };
}

/** A list would pass for an object without options. */
function shapeProblem(item: unknown): Omit<Problem, 'where'> | undefined {
  return isRecord(item) ? undefined : { expected: 'an object', found: show(item) };
}

/** Two files cannot be linked to from one place: the first keeps it. */
function withoutClashes(artifacts: Artifact[], bad: BadItem[]): Artifact[] {
  const takenBy = new Map<string, string>();
  return artifacts.filter(({ name, instance, files }) => {
    const problems = files.flatMap(({ name: file, link }): Problem[] => {
      const other = link === undefined ? undefined : takenBy.get(link);
      if (link !== undefined) takenBy.set(link, other ?? name);
      if (other === undefined) return [];
      const where = `${joinPath('artifacts.items', name)}.${joinPath('files', file)}.path`;
      return [
        {
          where,
          expected: 'a path of its own',
          found: `that of artifact ${JSON.stringify(other)}`,
        },
      ];
    });
    if (problems.length > 0) bad.push({ kind: 'artifact', name, instance, problems });
    return problems.length === 0;
  });
}
