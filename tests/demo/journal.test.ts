import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnitJournal } from '../../demo/journal.ts';

const started = '39f53479d3a045ac8e11786248231fbf';
const reloaded = '7b05ebc668384222baa8881179cfda54';
const stopped = '9d1aaa27d60140bd96365438aad20286';
const failed = 'be02cf6855d2428ba40df7e9d022f03d';

/** A container whose journal holds these entries, one a read from where the last read ended. */
function journalOf(entries: readonly Record<string, string>[]): UnitJournal {
  const lines = entries.map((entry, at) =>
    JSON.stringify({ __CURSOR: `${at}`, __MONOTONIC_TIMESTAMP: `${(at + 1) * 1e6}`, ...entry }),
  );
  return new UnitJournal({
    async exec(argv) {
      const cursor = argv.find((each) => each.startsWith('--after-cursor='))?.split('=')[1];
      const rest = cursor === undefined ? lines : lines.slice(Number(cursor) + 1);
      return { status: 0, stdout: rest.map((line) => `${line}\n`).join(''), stderr: '' };
    },
  });
}

test('each turn of a unit is told once, with its time and its invocation', async () => {
  const journal = journalOf([
    { UNIT: 'cert@a.target', MESSAGE_ID: started, JOB_RESULT: 'done' },
    { UNIT: 'cert-files.service', MESSAGE_ID: started, JOB_RESULT: 'done', INVOCATION_ID: 'a' },
    { UNIT: 'cert@a.target', MESSAGE_ID: started, JOB_RESULT: 'done', INVOCATION_ID: 'b' },
    { UNIT: 'web.service', MESSAGE_ID: started, JOB_RESULT: 'done', INVOCATION_ID: 'c' },
    { UNIT: 'web.service', MESSAGE_ID: reloaded, JOB_RESULT: 'done', INVOCATION_ID: 'c' },
    { UNIT: 'web.service', MESSAGE_ID: stopped, JOB_RESULT: 'done', INVOCATION_ID: 'c' },
    { MESSAGE: 'of no unit' },
  ]);
  const result = 'done';
  assert.deepEqual(await journal.read(1e6), [
    { unit: 'cert-files.service', turn: 'ran', seconds: 1, invocation: 'a', result },
    { unit: 'cert@a.target', turn: 'present', seconds: 2, invocation: 'b', result },
    { unit: 'web.service', turn: 'started', seconds: 3, invocation: 'c', result },
    { unit: 'web.service', turn: 'reloaded', seconds: 4, invocation: 'c', result },
    { unit: 'web.service', turn: 'stopped', seconds: 5, invocation: 'c', result },
  ]);
  assert.deepEqual(await journal.read(1e6), []);
});

test('a unit that is bound to what is missing waits for it, and a failed one has failed', async () => {
  const journal = journalOf([
    {
      UNIT: 'web.service',
      MESSAGE: "web.service: Bound to unit cert@a.target, but unit isn't active.",
    },
    { UNIT: 'web.service', MESSAGE_ID: failed, JOB_RESULT: 'dependency' },
    { UNIT: 'other.service', MESSAGE_ID: failed, JOB_RESULT: 'failed', INVOCATION_ID: 'd' },
  ]);
  assert.deepEqual(await journal.read(0), [
    {
      unit: 'web.service',
      turn: 'waits',
      target: 'cert@a.target',
      seconds: 2,
      result: 'dependency',
    },
    { unit: 'other.service', turn: 'failed', seconds: 3, invocation: 'd', result: 'failed' },
  ]);
});
