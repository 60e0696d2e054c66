import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalLog } from '../../src/host/log.ts';

function collect() {
  const written: string[] = [];
  return { log: journalLog({ write: (text) => written.push(text) }), written };
}

test('each level has the priority of sd-daemon(3)', () => {
  const { log, written } = collect();
  log.error('a');
  log.warning('b');
  log.notice('c');
  log.info('d');
  log.debug('e');
  assert.deepEqual(written, ['<3>a\n', '<4>b\n', '<5>c\n', '<6>d\n', '<7>e\n']);
});

test('text from outside cannot forge a second line', () => {
  const { log, written } = collect();
  log.info('answer: x\n<0>kernel on fire\u2028\x1b[2J');
  assert.deepEqual(written, ['<6>answer: x\\x0a<0>kernel on fire\\u{2028}\\x1b[2J\n']);
});
