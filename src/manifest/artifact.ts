import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { fileNameProblem, instanceOf } from './names.ts';
import { joinPath, problemsOf } from './problems.ts';
import { type artifactDefaults, artifactItem, type BackendName } from './schema.ts';
import type { Artifact, ArtifactFile, Problem } from './types.ts';

type Defaults = v.InferOutput<typeof artifactDefaults>;
type Item = v.InferOutput<typeof artifactItem>;

/** An artifact with its defaults filled in, or what is wrong with it. */
export function resolveArtifact(
  defaults: Defaults,
  name: string,
  item: unknown,
  where: string,
): Artifact | Problem[] {
  const parsed = v.safeParse(artifactItem, item);
  if (!parsed.success) return problemsOf(parsed.issues, where);
  const { output } = parsed;
  const backend = output.backend ?? defaults.backend;
  if (backend === undefined) {
    const expected = 'a backend, here or as artifacts.defaults.backend';
    return [{ where: `${where}.backend`, expected, found: 'nothing' }];
  }
  // as it was written: valibot's records leave out names such as `constructor`
  const problems = problemsOfItem(item as Item, backend, where);
  if (problems.length > 0) return problems;
  const instance = instanceOf(name);
  return {
    name,
    instance,
    description: output.description ?? undefined,
    backend,
    files: Object.entries(output.files).map(([file, own]) =>
      resolveFile(defaults, instance, file, own),
    ),
    prompts: Object.keys(output.prompts ?? {}),
    generator: output.generator ?? undefined,
    reloadServices: output.reloadServices ?? [],
    restartServices: output.restartServices ?? [],
    definition: definitionOf(output, backend),
  };
}

function resolveFile(
  defaults: Defaults,
  instance: string,
  name: string,
  own: Item['files'][string],
): ArtifactFile {
  const usual = `/run/artifacts/${instance}/${name}`;
  return {
    name,
    owner: own.owner ?? defaults.owner,
    group: own.group ?? defaults.group,
    mode: Number.parseInt(own.mode ?? defaults.mode, 8),
    link: own.path === usual ? undefined : own.path,
    source: own.source,
    neededForUsers: own.neededForUsers ?? false,
  };
}

/** What makes the content stale. The ciphertexts' own hashes are looked at besides. */
function definitionOf(item: Item, backend: BackendName): string {
  const files = Object.keys(item.files).sort();
  const generated = { generator: item.generator, prompts: Object.keys(item.prompts ?? {}).sort() };
  const definition = {
    backend,
    files,
    validation: item.validation,
    ...(backend === 'dummy' && generated),
  };
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex');
}

/** What a backend needs, beyond what the schema can say. */
function problemsOfItem(item: Item, backend: BackendName, where: string): Problem[] {
  const problems: Problem[] = [];
  const names: [string, string][] = [
    ...Object.keys(item.files).map((name): [string, string] => ['files', name]),
    ...Object.keys(item.prompts ?? {}).map((name): [string, string] => ['prompts', name]),
  ];
  for (const [kind, name] of names) {
    const problem = fileNameProblem(name);
    if (problem) problems.push({ where: joinPath(`${where}.${kind}`, name), ...problem });
  }
  if (!isShallow(item.validation)) {
    const expected = `at most ${deepest} levels`;
    problems.push({ where: `${where}.validation`, expected, found: 'more' });
  }
  if (backend === 'dummy' && item.generator == null) {
    const expected = 'a program, since the backend is dummy';
    problems.push({ where: `${where}.generator`, expected, found: 'nothing' });
  }
  for (const [name, { source, neededForUsers }] of Object.entries(item.files)) {
    const file = joinPath(`${where}.files`, name);
    if (backend === 'agenix' && source === undefined) {
      const expected = 'an encrypted file, since the backend is agenix';
      problems.push({ where: `${file}.source`, expected, found: 'nothing' });
    }
    if (backend === 'dummy' && neededForUsers) {
      const expected = 'false (a backend that runs a program is too late for accounts)';
      problems.push({ where: `${file}.neededForUsers`, expected, found: 'true' });
    }
  }
  return problems;
}

/** `JSON.stringify` ends the process' stack on what `JSON.parse` reads with ease. */
function isShallow(value: unknown, levels = deepest): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

const deepest = 100;
