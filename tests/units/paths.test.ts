import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OutlinedArtifact } from '../../src/manifest/outline.ts';
import { planKeys, planPaths, planWebroots } from '../../src/units/plan-paths.ts';
import { renderUnit } from '../../src/units/text.ts';
import { readUnit, unescapePercent, wordsOf } from './syntax.ts';

const component = fc
  .array(fc.constantFrom(...'ab ."\'\\%$#;=[]-+!@:~ü', '🔑', '\u00a0'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((characters) => characters.join(''));
const path = fc
  .array(component, { minLength: 1, maxLength: 4 })
  .map((components) => `/x/${components.join('/')}`);

test('systemd opens the directories of all declared paths, and no others', () => {
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 5 }), (paths) => {
      const wanted = new Set(paths.map((each) => `-${posix.dirname(posix.normalize(each))}`));
      assert.deepEqual(new Set(writableFor(paths, () => true)), wanted);
    }),
    { numRuns: 2000 },
  );
});

test('a directory that is not there is made in the nearest one that is', () => {
  const there = new Set(['/etc', '/etc/app', '/']);
  const writable = writableFor(['/etc/app/a/b/key', '/etc/other/key'], (each) => there.has(each));
  assert.deepEqual(writable, ['-/etc', '-/etc/app']);
});

test('what cannot be a path of a unit is left out, and the others stay', () => {
  const bad = [
    'relative/key',
    '',
    '/a\nb/key',
    '/a\0b/key',
    '/\ud800/key',
    `/${'l'.repeat(5000)}/key`,
  ];
  assert.deepEqual(
    writableFor([...bad, '/etc/key'], () => true),
    ['-/etc'],
  );
});

test('webroots are opened, or the nearest directory that is there, but never the root directory', () => {
  const there = new Set(['/srv', '/srv/www', '/home/a b/www']);
  const opened = (...webroots: string[]) => planWebroots(webroots, (each) => there.has(each));
  assert.deepEqual(opened('/srv/www', '/srv/www/', '/srv/new/x', '/no/where', '/', 'relative'), {
    ReadWritePaths: ['-/no/where', '-/srv', '-/srv/www'],
  });
  assert.deepEqual(opened('/var/lib/acme/acme-challenge'), {});
  assert.deepEqual(opened('/var/lib/acme/../../../srv'), { ReadWritePaths: ['-/srv'] });
  assert.deepEqual(opened('/home/a b/www'), {
    ReadWritePaths: ['"-/home/a b/www"'],
    ProtectHome: 'read-only',
  });
});

test('keys are watched where they are, whatever they are called', () => {
  const identities = ['/etc/ssh/key', '/two words/100%', '/ends in a blank ', 'relative', '/a\nb'];
  const outline = {
    waitForMissing: 30,
    certificates: [],
    artifacts: [artifact([])],
    identities,
    unnameable: 0,
  };
  const [[unit, sections] = ['', {}]] = planKeys(outline);
  assert.equal(unit, 'bindsto-watch.path');
  const values = readUnit(renderUnit('h', sections)).map(([, , value]) => unescapePercent(value));
  assert.deepEqual(values, ['/etc/ssh/key', '/two words/100%']);
});

/** The words of every `ReadWritePaths=` that reconcile gets for these paths. */
function writableFor(paths: string[], isThere: (path: string) => boolean): string[] {
  const planned = planPaths([artifact(paths)], isThere);
  const [, sections = {}] = planned.find(([unit]) => unit === 'bindsto-reconcile.service') ?? [];
  return readUnit(renderUnit('header', sections))
    .filter(([, key]) => key === 'ReadWritePaths')
    .flatMap(([, , value]) => wordsOf(value))
    .map(unescapePercent);
}

function artifact(paths: string[]): OutlinedArtifact {
  return { instance: 'a', runsProgram: false, neededForUsers: false, paths };
}
