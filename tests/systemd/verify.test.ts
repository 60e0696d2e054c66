import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { Container } from '../harness/container.ts';
import { aboutOurs, allLoaded, verifyCommand } from '../units/verify.ts';

test('systemd has nothing to say about any golden directory', async () => {
  await using container = await Container.create();
  const base = '/var/lib/verified';
  for (const loaded of allLoaded(container.path(base))) {
    const name = basename(loaded.directory);
    const argv = verifyCommand(loaded, `${base}/${name}`);
    const { status, stdout, stderr } = await container.exec(argv);
    assert.deepEqual(aboutOurs(`${stdout}${stderr}`), [], name);
    assert.equal(status, 0, `${name}: ${stderr}`);
  }
});
