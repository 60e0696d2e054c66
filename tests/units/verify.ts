import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeUnits } from './directories.ts';
import { golden, installed, type Scenario, scenarios } from './scenarios.ts';

/** A directory of units to verify, and the manager that would load it. */
export interface Loaded {
  readonly manager: Scenario['manager'];
  readonly directory: string;
}

/** Each golden directory together with the units of the package, below `base`. */
export function allLoaded(base: string): Loaded[] {
  return scenarios().map(({ name, manager }) => {
    const directory = join(base, name);
    writeUnits(directory, installed(manager, '/bin/true'));
    cpSync(join(golden, name, 'expected'), directory, { recursive: true });
    const units = [...unitsIn(directory), ...(manager === 'system' ? early : [])];
    const boot = ['[Unit]', ...units.map((unit) => `Wants=${unit}`), ''];
    writeFileSync(join(directory, 'bindsto-boot.target'), boot.join('\n'));
    return { manager, directory };
  });
}

/** What a boot starts as well: with everything in one transaction, a circle shows. */
const early = [
  'local-fs-pre.target',
  'multi-user.target',
  'systemd-remount-fs.service',
  'systemd-sysusers.service',
  'systemd-tmpfiles-setup-dev.service',
];

/** The command that loads every unit of a directory, says what is wrong, and would start it. */
export function verifyCommand({ manager, directory }: Loaded, seenAs = directory): string[] {
  const usual = `/usr/lib/systemd/${manager}:/lib/systemd/${manager}`;
  return [
    ...['env', `SYSTEMD_UNIT_PATH=${seenAs}:${usual}`, 'XDG_RUNTIME_DIR=/run'],
    ...['systemd-analyze', ...(manager === 'user' ? ['--user'] : []), '--man=no', 'verify'],
    ...unitsIn(directory),
  ];
}

/** What it says of our units; a distribution's own are not ours to mend. */
export function aboutOurs(said: string): string[] {
  return said.split('\n').filter((line) => /bindsto|cert|artifact|acme/.test(line));
}

function unitsIn(directory: string): string[] {
  const names = readdirSync(directory, { withFileTypes: true })
    .map((entry) =>
      entry.isDirectory() ? entry.name.replace(/\.(d|wants|requires)$/, '') : entry.name,
    )
    .map((name) => name.replace('@.', '@sample.'));
  return [...new Set(names)].filter((name) => !notLoaded.test(name));
}

/** NixOS' own, what an argument of `verify` would take for a file and its alias, and sockets whose address the generator gives. */
const notLoaded = /^sysinit-reactivation\.target$|:|^acme-http@sample\./;
