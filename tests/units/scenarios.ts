import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lookAtHost } from '../../src/host/look.ts';
import { placesOf } from '../../src/host/places.ts';
import { outlineManifest } from '../../src/manifest/outline.ts';
import { planSystem, planUser } from '../../src/units/plan.ts';
import { systemUnits, userUnits } from '../../src/units/static.ts';
import type { UnitFile } from '../../src/units/text.ts';
import { inRepository } from '../harness/repository.ts';

/** A golden directory: `tests/units/NN-name/{manifest.json,[seen.json],expected/}`. */
export interface Scenario {
  readonly name: string;
  readonly manager: 'system' | 'user';
  readonly manifest: string;
  /** What the host has: files, and directories with a slash at their end. */
  readonly there: readonly string[];
  /** The kernel can keep a tmpfs out of swap. */
  readonly noswap: boolean;
}

/** Where the manifest is said to be: it stands in the header of every file. */
const manifestPath = '/etc/bindsto/manifest.json';

export const golden = inRepository('tests/units');

export function scenarios(): Scenario[] {
  return readdirSync(golden)
    .filter((name) => /^\d\d-/.test(name))
    .sort()
    .map((name) => {
      const seen = join(golden, name, 'seen.json');
      return {
        name,
        manager: 'system',
        manifest: readFileSync(join(golden, name, 'manifest.json'), 'utf8'),
        there: [],
        noswap: false,
        ...(existsSync(seen) ? JSON.parse(readFileSync(seen, 'utf8')) : {}),
      };
    });
}

/** What the generator writes for a scenario, on a host below an empty directory. */
export function planned(scenario: Scenario, emptyDirectory: string): UnitFile[] {
  const outline = outlineManifest(scenario.manifest);
  if (scenario.manager === 'user') return planUser(outline, manifestPath);
  for (const path of scenario.there) make(join(emptyDirectory, path));
  const places = placesOf(emptyDirectory, manifestPath);
  const seen = { ...lookAtHost(places, outline.certificates), noswap: scenario.noswap };
  return planSystem(outline, seen, {
    manifest: manifestPath,
    localCa: '/var/lib/bindsto/local-ca',
  });
}

/** What a package installs, with sample programs. */
export function installed(manager: Scenario['manager'], node = '/usr/bin/node') {
  const programs = { node, lib: '/usr/lib/bindsto', manifest: manifestPath };
  return manager === 'system' ? systemUnits(programs) : userUnits(programs);
}

function make(path: string): void {
  const directory = path.endsWith('/');
  mkdirSync(directory ? path : dirname(path), { recursive: true });
  if (!directory) writeFileSync(path, '');
}
