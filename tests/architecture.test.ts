import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { inRepository } from './harness/repository.ts';

/** From the top; what stands on one floor knows nothing of its neighbours. */
const floors = [
  ['generators', 'src/workers', 'src/cli'],
  ['src/presence'],
  ['src/certificates', 'src/artifacts'],
  ['src/units', 'src/backends', 'src/storage'],
  ['src/manifest', 'src/host'],
  ['src/errors.ts'],
];

/** Packages, and where alone they may be used. */
const packages: Readonly<Record<string, string>> = {
  yargs: 'src/cli',
  valibot: 'src/manifest',
  ini: 'src/units',
  'age-encryption': 'src/backends',
  'acme-client/src/api.js': 'src/certificates',
  'acme-client/src/http.js': 'src/certificates',
  'node-forge/lib/asn1.js': 'src/certificates',
};

/** Node's modules that compute and touch nothing outside of the process. */
const pureModules = new Set(
  [
    'buffer',
    'crypto',
    'events',
    'path',
    'stream',
    'timers',
    'timers/promises',
    'url',
    'util',
    'zlib',
  ].map((name) => `node:${name}`),
);

interface Source {
  /** As in `src/units/plan.ts`. */
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly room: string;
  readonly imports: readonly string[];
}

const sources = [...filesBelow('src'), ...filesBelow('generators')]
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map(readSource);

test('imports only go down a floor, and rooms on one floor know nothing of each other', () => {
  const wrong = sources.flatMap(({ path, room, imports }) =>
    imports
      .filter(isRelative)
      .map((name) => join(dirname(path), name))
      .filter((target) => roomOf(target) !== room && floorOf(roomOf(target)) <= floorOf(room))
      .map((target) => `${path} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('no import goes in a circle', () => {
  const circles = sources.map(({ path }) => circleFrom(path)).filter((circle) => circle.length > 0);
  assert.deepEqual(circles, []);
});

test('only host touches the machine', () => {
  const wrong = sources
    .filter(({ room }) => room !== 'src/host')
    .flatMap(({ path, imports }) =>
      imports
        .filter((name) => isBuiltin(name) && !pureModules.has(name))
        .map((name) => `${path} imports ${name}`),
    );
  assert.deepEqual(wrong, []);
});

test('only entry points read the process they run in', () => {
  const ambient = /\bprocess\.(argv|env|exit\w*|std\w+|cwd|chdir|umask|on|once|get\w+)\b/;
  const any = /\bprocess\.\w|from 'node:process'/;
  const wrong = sources
    .filter(({ path, code }) => !isEntry(path) && !/[(,]\s*process: /.test(code)) // or handed it
    .filter(({ room, code }) => (room === 'src/host' ? ambient : any).test(code));
  assert.deepEqual(wrong.map(pathOf), []);
});

test('each package is used in its one room', () => {
  const wrong = sources.flatMap(({ path, room, imports }) =>
    imports
      .filter((name) => !isRelative(name) && !isBuiltin(name) && packages[name] !== room)
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
});

test('a generator is made of manifest, units, host and ini, and is small', () => {
  const outputs: Record<string, { inputs: object; bytes: number }> = JSON.parse(
    readFileSync(inRepository('build/meta.json'), 'utf8'),
  );
  for (const name of ['system', 'user']) {
    const { inputs = {}, bytes = 0 } = outputs[`lib/generators/${name}.cjs`] ?? {};
    const wrong = Object.keys(inputs).filter(
      (path) =>
        !/^(generators|src\/(manifest|units|host)|node_modules\/ini)\/|^src\/errors/.test(path),
    );
    assert.deepEqual(wrong, [], name);
    assert.ok(bytes > 0 && bytes < 100_000, `${name} generator: ${bytes} bytes`);
  }
});

test('what acme-client loads and is never called for is in no bundle', () => {
  const outputs: Record<string, { inputs: object }> = JSON.parse(
    readFileSync(inRepository('build/meta.json'), 'utf8'),
  );
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  assert.ok(inputs.some((path) => path.endsWith('node_modules/acme-client/src/http.js')));
  const needless = /node_modules\/(axios|@peculiar|asn1js|debug|form-data|reflect-metadata)\//;
  const wrong = inputs.filter((path) => needless.test(path));
  assert.deepEqual(wrong, []);
});

test('a file holds one idea: at most 250 lines', () => {
  const long = ownFiles(/\.(ts|mjs|nix)$/).filter(
    (path) => readFileSync(inRepository(path), 'utf8').split('\n').length > 251,
  );
  assert.deepEqual(long, []);
});

test('nothing is left to do', () => {
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
  const left = ownFiles(/\.(ts|mjs|nix|md|sh)$/).filter((path) =>
    marks.test(readFileSync(inRepository(path), 'utf8')),
  );
  assert.deepEqual(left, []);
});

test('lock files name no registry, and dependencies are pinned', () => {
  for (const directory of ['.', 'tests/nodes']) {
    const lock = readFileSync(inRepository(directory, 'package-lock.json'), 'utf8');
    assert.doesNotMatch(lock, /"resolved"|registry|\.tgz/);
    const own = JSON.parse(readFileSync(inRepository(directory, 'package.json'), 'utf8'));
    const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = own;
    for (const version of Object.values({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
    })) {
      assert.match(String(version), /^(npm:[\w-]+@)?\d+\.\d+\.\d+$/);
    }
  }
});

function readSource(path: string): Source {
  const text = readFileSync(inRepository(path), 'utf8');
  const code = text.replace(/\/\*.*?\*\//gs, '').replace(/(?<!:)\/\/.*$/gm, '');
  const imports = [...code.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g)];
  return { path, text, code, room: roomOf(path), imports: imports.map(([, name = '']) => name) };
}

function roomOf(path: string): string {
  return path.startsWith('src/')
    ? path.split('/').slice(0, 2).join('/')
    : (path.split('/')[0] ?? '');
}

function floorOf(room: string): number {
  const floor = floors.findIndex((rooms) => rooms.includes(room));
  assert.notEqual(floor, -1, `${room} stands on no floor`);
  return floor;
}

/** The way back to the file itself, or nothing. */
function circleFrom(start: string): string[] {
  const seen = new Set<string>();
  const search = (path: string, way: readonly string[]): string[] => {
    for (const target of targetsOf(path)) {
      if (target === start) return [...way, target];
      if (seen.has(target)) continue;
      seen.add(target);
      const circle = search(target, [...way, target]);
      if (circle.length > 0) return circle;
    }
    return [];
  };
  return search(start, [start]);
}

function targetsOf(path: string): string[] {
  const source = sources.find((one) => one.path === path);
  return (source?.imports ?? []).filter(isRelative).map((name) => join(dirname(path), name));
}

function isEntry(path: string): boolean {
  return /^(generators\/|src\/workers\/|src\/cli\/main\.ts$)/.test(path);
}

function isRelative(name: string): boolean {
  return name.startsWith('.');
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}

function pathOf({ path }: Source): string {
  return path;
}

function ownFiles(pattern: RegExp): string[] {
  return ['src', 'generators', 'tests', 'scripts', 'nix', 'bench', 'demo', 'docs']
    .flatMap(filesBelow)
    .filter((path) => pattern.test(path));
}

function filesBelow(directory: string): string[] {
  if (!existsSync(inRepository(directory))) return [];
  return readdirSync(inRepository(directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(path);
    return [path];
  });
}
