import { checkClock, type Newest } from '../../certificates/clock.ts';
import { toBindstoError } from '../../errors.ts';
import { readTimeSync, type TimeSync } from '../../host/time-sync.ts';
import type { ItemStatus } from '../../presence/status.ts';
import { dateOf, minuteOf } from '../dates.ts';
import { type Check, type Finding, problem, unknown } from './check.ts';

/** A wrong clock keeps everything from being renewed. */
export const clock: Check = {
  name: 'clock',
  async look({ session: { world, machine }, items }) {
    const now = world.now();
    const sync = machine && (await readTimeSync());
    const state = sync?.isSynchronised ? ', synchronised' : '';
    return {
      fine: `${minuteOf(now)}${state}`,
      findings: [...wrong(now, items), ...unsynchronised(sync)],
    };
  },
};

function wrong(now: Date, items: readonly ItemStatus[]): Finding[] {
  try {
    checkClock(now, newestOf(items));
    return [];
  } catch (error) {
    const { message } = toBindstoError(error);
    return [problem('this host', message, 'set the clock: timedatectl set-ntp true')];
  }
}

function newestOf(items: readonly ItemStatus[]): Newest | undefined {
  const issued = items.flatMap(({ name, present, notBefore }) => {
    const date = present ? dateOf(notBefore) : undefined;
    return date === undefined ? [] : [{ name, issued: date }];
  });
  return issued.sort((one, other) => other.issued.getTime() - one.issued.getTime())[0];
}

/** Only who is to set the clock and has not done so is to blame: a guest may have it from its host. */
export function unsynchronised(sync: TimeSync | undefined): Finding[] {
  if (sync === undefined || sync.isSynchronised) return [];
  const advice = 'look at timedatectl timesync-status';
  if (sync.hasService) return [problem('this host', 'the clock is not synchronised yet', advice)];
  const found = 'nothing is known to keep the clock right';
  return [
    unknown('this host', found, 'timedatectl set-ntp true, where the host has no other source'),
  ];
}
