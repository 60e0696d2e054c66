import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { notePosted } from '../../src/certificates/posted.ts';
import type { Context } from '../../src/presence/context.ts';
import type { Found } from '../../src/presence/look.ts';
import { beginPosts, isToPost } from '../../src/presence/posted.ts';
import { Posts } from '../../src/presence/posts.ts';
import { temporaryDirectory } from '../certificates/support.ts';
import { fakeHost, missing } from './fakes.ts';

describe('what is to be done after a change', () => {
  const issued = (instance: string, generation: string, rest: Partial<Found> = {}): Found => ({
    ...missing('certificate', instance, { post: `cert-post@${instance}.service` }),
    present: true,
    files: true,
    generation,
    ...rest,
  });

  /** A host on which units take their time; `most` is how many ran at once. */
  function slowHost(t: TestContext, generation?: string) {
    const host = fakeHost(temporaryDirectory(t));
    const seen = { started: [] as string[], most: 0 };
    let running = 0;
    const systemd: Context['systemd'] = {
      ...host.context.systemd,
      ask: async (verb, units) => {
        seen.started.push(...units.map((unit) => `${verb} ${unit}`));
        seen.most = Math.max(seen.most, ++running);
        await sleep(20);
        running--;
        for (const unit of units) {
          const instance = /@(.*)\.service$/.exec(unit)?.[1] ?? '';
          if (generation !== undefined) notePosted(context.places, instance, { generation });
        }
        return generation === undefined ? `Job for ${units[0]} failed.` : undefined;
      },
    };
    const context = { ...host.context, systemd };
    mkdirSync(context.places.state, { recursive: true });
    return { context, places: context.places, seen };
  }

  const end = async (posts: Posts) => {
    while (!posts.isEmpty) await sleep(5);
  };

  it('is done after the first certificate, and after each new one, once', async (t) => {
    const { context, places, seen } = slowHost(t, 'one');
    beginPosts(places, [missing('certificate', 'a', { post: 'cert-post@a.service' })]);
    assert.equal(isToPost(places, issued('a', 'one', { present: false })), false, 'a placeholder');
    const posts = new Posts(context, () => true);
    let told = 0;
    for (let time = 0; time < 3; time++) posts.add(issued('a', 'one'), () => told++);
    await end(posts);
    assert.deepEqual(seen.started, ['start cert-post@a.service']);
    assert.equal(told, 1);
    assert.equal(isToPost(places, issued('a', 'one')), false);
    assert.equal(isToPost(places, issued('a', 'two')), true);
  });

  it('is not done for a certificate that was there when it was configured', (t) => {
    const { places } = slowHost(t);
    beginPosts(places, [issued('a', 'one')]);
    assert.equal(isToPost(places, issued('a', 'one')), false);
    beginPosts(places, []);
    beginPosts(places, [issued('a', 'two')]);
    assert.equal(isToPost(places, issued('a', 'two')), false, 'it was forgotten meanwhile');
  });

  it('is done again by the next run when one was killed', (t) => {
    const { context, places } = slowHost(t);
    beginPosts(places, [missing('certificate', 'a', { post: 'cert-post@a.service' })]);
    new Posts(context, () => true).add(issued('a', 'one'), () => {});
    assert.equal(isToPost(places, issued('a', 'one')), true);
  });

  it('is done for a few at a time, and never twice at once for one', async (t) => {
    const { context, places, seen } = slowHost(t, 'two');
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
    beginPosts(
      places,
      names.map((name) => issued(name, 'zero')),
    );
    const posts = new Posts(context, () => true);
    for (const name of names) posts.add(issued(name, 'one'), () => {});
    posts.add(issued('n0', 'two'), () => {});
    await end(posts);
    assert.equal(seen.most, 4);
    assert.equal(seen.started.length, 11);
    assert.equal(isToPost(places, issued('n0', 'two')), false);
  });

  it('is tried once a run when its unit cannot begin, and services are told all the same', async (t) => {
    const { context, places, seen } = slowHost(t);
    beginPosts(places, [issued('a', 'zero')]);
    const posts = new Posts(context, () => true);
    let told = 0;
    for (let time = 0; time < 3; time++) {
      posts.add(issued('a', 'one'), () => told++);
      await end(posts);
    }
    assert.equal(told, 1);
    assert.equal(seen.started.length, 1);
    assert.equal(isToPost(places, issued('a', 'one')), true, 'the next run tries it once more');
  });

  it('is left to a run that knows the new configuration', async (t) => {
    const { context, seen } = slowHost(t);
    const posts = new Posts(context, () => false);
    posts.add(issued('a', 'one'), () => {});
    await end(posts);
    assert.deepEqual(seen.started, []);
  });
});
