import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  artifactNameProblem,
  certificateNameProblem,
  fileNameProblem,
  instanceOf,
} from '../../src/manifest/names.ts';
import { evaluate, withoutNix } from './evaluate.ts';

// NUL cannot be in a string of Nix, and half a surrogate pair cannot be in UTF-8
const character = fc.oneof(
  fc.constantFrom(...'abzAZ019:_.-'),
  fc.constantFrom(...'./-\\ %*@$\n\t"{}\x01\x1f\x7f\u0080é€\ud7ff\ue000\uffff😀\u{10ffff}'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((text) => text !== '\0'),
);
const hostile = [
  ...['', '.', '..', '-x', '.lego', '../x', 'a/b', 'a\nb', '%i', 'acme-challenge', 'x'.repeat(300)],
  ...['x'.repeat(227), 'x'.repeat(228), `${'é'.repeat(28)}xxx`, `${'é'.repeat(28)}xxxx`],
  ...[`${'ü'.repeat(127)}x`, 'ü'.repeat(128)],
];
const names = [
  ...hostile,
  ...fc.sample(fc.string({ unit: character, maxLength: 40 }), { numRuns: 400, seed: 1 }),
  ...fc.sample(fc.string({ unit: character, minLength: 50, maxLength: 90 }), 50),
];

const everyRule = `names: let rules = import ./nix/lib/names.nix; in map (name: {
  instance = rules.instanceOf name;
  certificate = rules.certificateNameProblem name;
  artifact = rules.artifactNameProblem name;
  file = rules.fileNameProblem name;
}) names`;

test('names mean the same in Nix and on the host', { skip: withoutNix }, async () => {
  const inTypeScript = names.map((name) => ({
    instance: instanceOf(name),
    certificate: certificateNameProblem(name) ?? null,
    artifact: artifactNameProblem(name) ?? null,
    file: fileNameProblem(name) ?? null,
  }));
  const inNix = (await evaluate(everyRule, names)) as typeof inTypeScript;
  const outcomes = new Set<string | undefined>();
  for (const [index, name] of names.entries()) {
    const expected = inTypeScript[index];
    assert.deepEqual(comparable(inNix[index]), comparable(expected), JSON.stringify(name));
    outcomes.add(expected?.certificate?.expected);
  }
  assert.equal(outcomes.size, 6, 'every outcome was among the names');
});

/** Both quote what they found as JSON, which leaves a choice of escapes; one of them cuts it. */
function comparable(outcome: unknown): unknown {
  return JSON.parse(JSON.stringify(outcome), (key, value) =>
    key === 'found' && value.startsWith('"') ? JSON.parse(value).slice(0, 70) : value,
  );
}
