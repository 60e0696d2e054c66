import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renewSet } from '../../src/certificates/batch.ts';
import { certificateContext } from '../../src/certificates/context.ts';
import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { attemptsOf, nextTryOf } from '../../src/host/attempts.ts';
import { defaultSet } from '../../src/manifest/sets.ts';
import { recordingLog } from '../certificates/support.ts';
import { orderingHost } from './ordering.ts';
import { needsPebble, type Pebble, pebble } from './pebble.ts';

const hour = 60 * 60_000;
const day = 24 * hour;
const names = ['a.example', 'b.example', 'c.example'];

test('in a week in which every validation fails, no name fails six times an hour, and no certificate is ordered 36 times', async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t);
  const host = orderingHost(t, ca, {
    'a.example': { extraDomainNames: ['shared.example'] },
    'b.example': { extraDomainNames: ['shared.example'] },
    'c.example': { renewIntervalFailed: 10 },
  });
  const start = Date.now();
  let now = start;
  const surroundings = { places: host.places, log: recordingLog().log, now: () => new Date(now) };
  const context = certificateContext(surroundings, host.manifest, undefined);
  const seen = new Validations(ca);

  let nextDay = start;
  while (now < start + 7 * day) {
    if (now >= nextDay) {
      await renewSet(context, host.manifest, defaultSet); // the timer's
      nextDay += day;
    }
    const tries = attemptsOf(host.places, 'certificate');
    for (const certificate of host.manifest.certificates) {
      const attempt = tries.get(certificate.instance);
      if (attempt !== undefined && nextTryOf(attempt, new Date(now)).getTime() > now) continue;
      await ensureCertificate(context, certificate, { alone: true }).catch(() => {}); // its unit's
    }
    seen.note(now);
    const next = [...attemptsOf(host.places, 'certificate').values()].map(({ next }) =>
      Date.parse(next),
    );
    now = Math.max(now + 1, Math.min(...next, nextDay));
  }

  for (const name of [...names, 'shared.example']) {
    const times = seen.of(name);
    const most = Math.max(
      ...times.map((time) => times.filter((each) => isWithin(each, time)).length),
    );
    assert.ok(most <= 5, `${name} failed ${most} times in an hour`);
    assert.ok(times.length >= 20, `${name} was tried only ${times.length} times`);
  }
  // Each order has one authorization for the certificate's own name.
  const counts = names.map((name) => seen.of(name).length);
  for (const count of counts) assert.ok(count <= 35, `${counts}`);
  const sum = counts.reduce((one, other) => one + other);
  assert.equal(ca.requests('/order-plz'), sum);
  t.diagnostic(`orders: ${counts.join(', ')}; shared.example: ${seen.of('shared.example').length}`);
});

function isWithin(time: number, end: number): boolean {
  return time <= end && time > end - hour;
}

/** When Pebble looked at which name; all of them in vain. */
class Validations {
  readonly #ca: Pebble;
  readonly #times = new Map<string, number[]>();
  #read = 0;

  constructor(ca: Pebble) {
    this.#ca = ca;
  }

  /** What has come since the last time is of this time. */
  note(time: number): void {
    for (const line of this.#ca.log.slice(this.#read)) {
      const name = /Pulled a task from the Tasks queue: .* Value:"([^"]+)"/.exec(line)?.[1];
      if (name !== undefined) this.#times.set(name, [...this.of(name), time]);
    }
    this.#read = this.#ca.log.length;
  }

  of(name: string): readonly number[] {
    return this.#times.get(name) ?? [];
  }
}
