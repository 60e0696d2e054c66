import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as v from 'valibot';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';
import { shapes } from './shapes.ts';

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
