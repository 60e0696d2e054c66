import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as v from 'valibot';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';

const time = v.pipe(v.string(), v.isoTimestamp());
const text = v.string();
const texts = v.array(text);
const kind = v.picklist(['certificate', 'artifact']);
const state = v.picklist([
  ...(['valid', 'due', 'self-signed', 'missing', 'failed'] as const),
  ...(['expired', 'present', 'invalid'] as const),
]);

const head = {
  version: v.literal(1),
  source: v.picklist(['live', 'file']),
  asOf: time,
  manifest: v.strictObject({ path: text, error: v.optional(text) }),
};
const item = {
  kind,
  name: text,
  instance: v.optional(text),
  unit: v.optional(text),
  state,
  present: v.boolean(),
  why: v.optional(text),
  issuer: v.optional(text),
  keyType: v.optional(text),
  domains: v.optional(texts),
  notBefore: v.optional(time),
  notAfter: v.optional(time),
  backend: v.optional(text),
  ephemeral: v.optional(v.boolean()),
  generation: v.optional(text),
  nextTry: v.optional(time),
  lastError: v.optional(v.strictObject({ time, code: text, message: text })),
  problems: v.optional(v.array(v.strictObject({ where: text, expected: text, found: text }))),
};
const service = { unit: text, state: v.optional(text), bindsTo: texts, waitsFor: texts };
const widened = v.array(v.strictObject({ unit: text, path: text, file: text }));
const counts = v.strictObject({ declared: v.number(), present: v.number() });

const shapes = {
  list: { ...head, items: v.array(v.strictObject(item)) },
  status: {
    ...head,
    counts: v.strictObject({ certificates: counts, artifacts: counts }),
    items: v.array(v.strictObject(item)),
    services: v.array(v.strictObject(service)),
    widenedSandboxes: widened,
  },
  'status mail.example.com api-token': {
    ...head,
    items: v.array(
      v.strictObject({
        ...item,
        serial: v.optional(text),
        boundBy: v.array(v.strictObject(service)),
        widenedSandboxes: widened,
        journal: v.array(v.unknown()),
      }),
    ),
  },
  'check api-token': {
    ...head,
    result: v.picklist(['ok', 'due', 'failed']),
    kind,
    name: text,
    unit: text,
    state,
    notAfter: v.optional(time),
    why: v.optional(text),
  },
  graph: {
    ...head,
    services: v.strictObject({
      source: v.picklist(['systemd', 'files']),
      units: v.array(v.strictObject({ unit: text, state: v.optional(text), waitsFor: texts })),
    }),
    items: v.array(v.strictObject(item)),
    edges: v.array(v.strictObject({ from: text, to: text })),
  },
  plan: {
    version: v.literal(1),
    directory: text,
    files: v.array(v.strictObject({ path: text, text })),
  },
  validate: {
    version: v.literal(1),
    file: text,
    valid: v.boolean(),
    items: v.optional(
      v.strictObject({ certificates: v.number(), artifacts: v.number(), bad: v.number() }),
    ),
    problems: v.array(
      v.strictObject({
        message: text,
        where: v.optional(text),
        expected: v.optional(text),
        found: v.optional(text),
      }),
    ),
  },
};

describe('with --json a command says one object of the documented shape', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
    sample.write(
      '/bad.json',
      JSON.stringify({ version: 1, certificates: { items: { '../x': {} } } }),
    );
    sample.write('/none.json', '{');
  });
  after(() => sample.remove());

  const say = async (line: string, ...more: string[]) => {
    const argv = [...line.split(' '), '--json', '--root', sample.root, ...more];
    const { stdout, stderr } = await bindsto(argv);
    assert.equal(stderr, '');
    return JSON.parse(stdout);
  };

  for (const [line, shape] of Object.entries(shapes)) {
    it(`bindsto ${line} --json`, async () => {
      const entries: v.ObjectEntries = shape;
      v.parse(v.strictObject(entries), await say(line));
    });
  }

  it('also where the manifest has problems', async () => {
    const validate = v.strictObject(shapes.validate);
    const bad = v.parse(validate, await say('validate', `${sample.root}/bad.json`));
    assert.deepEqual([bad.valid, bad.items?.bad, bad.problems.length], [false, 1, 1]);
    const none = v.parse(validate, await say('validate', `${sample.root}/none.json`));
    assert.deepEqual([none.valid, none.items, none.problems.length], [false, undefined, 1]);
    const list = await say('list', '--manifest', `${sample.root}/bad.json`);
    const [item] = v.parse(v.strictObject(shapes.list), list).items;
    assert.deepEqual([item?.state, item?.unit, item?.problems?.length], ['invalid', undefined, 1]);
  });
});
