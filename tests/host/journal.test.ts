import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEntry } from '../../src/host/journal.ts';

const entry = (fields: object) =>
  parseEntry(JSON.stringify({ __REALTIME_TIMESTAMP: '1795291500000000', ...fields }));

test('a line of journalctl becomes an entry', () => {
  const line = { _SYSTEMD_UNIT: 'cert@a.service', PRIORITY: '3', MESSAGE: 'no' };
  assert.deepEqual(entry(line), {
    time: new Date(1795291500000),
    unit: 'cert@a.service',
    priority: 3,
    message: 'no',
  });
});

test('what PID 1 says of a unit counts as of that unit', () => {
  const line = { _SYSTEMD_UNIT: 'init.scope', UNIT: 'cert@a.target', MESSAGE: 'Reached target' };
  assert.equal(entry(line)?.unit, 'cert@a.target');
});

test('a message of bytes, or one that occurs twice, is still a text', () => {
  assert.equal(entry({ MESSAGE: [...Buffer.from('\u001b[31mred')] })?.message, '\u001b[31mred');
  assert.equal(entry({ MESSAGE: ['first', 'second'] })?.message, 'first');
});

test('what is no entry is passed over', () => {
  for (const line of ['', 'null', '{', '-- No entries --', '{"MESSAGE":"x"}']) {
    assert.equal(parseEntry(line), undefined);
  }
  assert.equal(entry({ MESSAGE: null }), undefined);
});
