import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { belongsToStory, type Expected, follow } from '../../demo/follow.ts';
import type { Happening, Stage } from '../../demo/stage.ts';

const started: Happening = { unit: 'web.service', turn: 'started', seconds: 1 };

async function followed(run: (news: Happening[]) => Promise<void>, expected: Expected) {
  const news: Happening[] = [];
  const told: Happening[] = [];
  const stage: Pick<Stage, 'kind' | 'run' | 'happenings'> = {
    kind: 'directory',
    run: () => run(news),
    happenings: async () => {
      await tick();
      return news.splice(0);
    },
  };
  await follow(stage, 'boot', expected, (happening) => told.push(happening));
  return told;
}

test('an act tells all that happens, up to its end', async () => {
  const run = async (news: Happening[]) => {
    for (let ticks = 0; ticks < 5; ticks++) await tick();
    news.push(started);
  };
  assert.deepEqual(await followed(run, { 'web.service': 'started' }), [started]);
});

test('an act without what is expected fails, and names it', async () => {
  const run = async (news: Happening[]) => void news.push(started);
  await assert.rejects(followed(run, { 'web.service': 'stopped' }), {
    message: 'has not come to pass: web.service: stopped',
  });
});

test('an act that fails says why', async () => {
  const run = () => Promise.reject(new Error('no space left'));
  await assert.rejects(followed(run, {}), { message: 'no space left' });
});

test('the story is of presence targets, of workers and of its services', () => {
  const isOurs = belongsToStory([{ name: 'web.service', bindsTo: [] }]);
  const units = ['web.service', 'cert-files@a.target', 'cert-renew@local.service', 'ssh.service'];
  assert.deepEqual(
    units.map((unit) => isOurs({ ...started, unit })),
    [true, true, true, false],
  );
});
