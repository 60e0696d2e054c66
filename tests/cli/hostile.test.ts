import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ItemStatus } from '../../src/presence/status.ts';
import { item } from './items.ts';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';

/** Clears the screen, sets a title, one of C1, a change of direction, a line of its own. */
const evil = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egood\u2028\nbindsto: error: forged';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const dangerous = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/;

describe('text from outside never reaches a terminal as it is', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
    const lastError = { time: evil, code: evil, message: evil };
    const hostile: ItemStatus = {
      ...item('certificate', evil, evil),
      state: evil as ItemStatus['state'],
      ...{ why: evil, issuer: evil, keyType: evil, domains: [evil], generation: evil },
      ...{ notAfter: evil, notBefore: evil, nextTry: evil, lastError, present: false },
      problems: [{ where: evil, expected: evil, found: evil }],
    };
    const items = { a: hostile, b: { ...hostile, kind: 'artifact', backend: evil } };
    const file = { version: 1, written: '2026-11-21T20:00:00.000Z', items };
    mkdirSync(sample.places.run, { recursive: true });
    writeFileSync(sample.places.status, JSON.stringify(file));
    sample.write('/etc/bindsto/manifest.json', evil);
    const unit = `${evil.replaceAll('/', '')}.service`;
    writeFileSync(
      join(sample.root, 'etc/systemd/system', unit),
      `[Unit]\nBindsTo=cert@${evil.replaceAll('\n', '')}.target\n`,
    );
    const dropIn = 'run/systemd/generator/artifact@.service.d/60-evil.conf';
    sample.write(dropIn, `[Service]\nReadWritePaths=/${evil.replaceAll('\n', '')}\n`);
  });
  after(() => sample.remove());

  const commands = [
    ['status'],
    ['status', `cert@${evil}`],
    ['status', evil],
    ['show', `cert@${evil}`],
    ['show', `artifact@${evil}`],
    ['renew', `cert@${evil}`],
    ['renew', '--dry-run', `cert@${evil}`],
    ['doctor'],
    ['doctor', evil],
    ['list', '--full'],
    ['check', `cert@${evil}`],
    ['check', `${evil}x`],
    ['graph'],
    ['graph', '--dot'],
    ['logs', `artifact@${evil}`],
    ['plan'],
    ['validate'],
    [evil],
    ['list', `--${evil}`],
    ['validate', `/${evil}`],
  ];

  for (const argv of commands) {
    for (const more of [[], ['--json'], ['--debug']]) {
      const shown = [...argv, ...more].join(' ').replaceAll(evil, 'EVIL');
      it(`bindsto ${shown}`, async () => {
        const { both } = await bindsto([...argv, ...more, '--root', sample.root]);
        assert.notEqual(both, '');
        assert.doesNotMatch(both, dangerous);
        assert.doesNotMatch(both, /^bindsto: error: forged/m);
      });
    }
  }
});
