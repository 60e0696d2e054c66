import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { Directory } from '../../host/beneath.ts';
import { isThere } from '../../host/is-there.ts';
import { parseJson, writeJson } from '../../host/json.ts';
import type { Places } from '../../host/places.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';
import { NotBefore } from '../issuer.ts';
import { canonicalName } from '../names.ts';
import { hour } from '../validity.ts';

/**
 * How often each name has failed at a CA in the last hour, whichever certificate it was for:
 * CAs refuse a name that fails too often (Let's Encrypt after five), and others with it.
 */
export interface FailedAuthorizations {
  /** @throws NotBefore where one of the names has failed as often as it may */
  check(names: readonly string[], now: Date): void;
  /** @throws BindstoError `unwritable` */
  add(name: string, now: Date): void;
}

const mostInAnHour = 5;
/** Bytes; a file has a few hundred. */
const largest = 4096;

export function failedAuthorizations(places: Places, issuer: AcmeUrl): FailedAuthorizations {
  const home = join(places.sentinel, 'failed-authorizations');
  const read = (file: string, now: Date) => recent(timesIn(home, file), now);
  return {
    check(names, now) {
      if (!isThere(home)) return; // so it is nearly always
      for (const name of names) {
        const [first, ...others] = read(fileOf(issuer, name), now);
        if (first === undefined || others.length + 1 < mostInAnHour) continue;
        throw tooOften(issuer, name, new Date(first + hour));
      }
    },

    add(name, now) {
      const file = fileOf(issuer, name);
      const times = [...read(file, now), now.getTime()].slice(-mostInAnHour);
      using sentinel = Directory.openBeneath(places.acme, basename(places.sentinel));
      using directory = sentinel.enterOrMake(basename(home), 0o700);
      for (const old of directory.list()) {
        if (old.endsWith(ending) && read(old, now).length === 0) directory.unlink(old);
      }
      writeJson(join(home, file), { version: 1, issuer, name, times }, { mode: 0o600 });
    },
  };
}

const ending = '.json';

function fileOf(issuer: AcmeUrl, name: string): string {
  const digest = createHash('sha256')
    .update(`${issuer}\0${canonicalName(name)}`)
    .digest('hex');
  return digest.slice(0, 40) + ending;
}

function timesIn(home: string, file: string): number[] {
  if (!isThere(join(home, file))) return [];
  using directory = Directory.open(home);
  try {
    const data = directory.read(file, largest);
    const record = data === undefined ? undefined : parseJson(data, file);
    const { times } = (record ?? {}) as { times?: unknown };
    return Array.isArray(times) ? times.filter(Number.isSafeInteger) : [];
  } catch {
    return []; // damaged
  }
}

/** In order. A time that is still to come was written under a clock that was ahead. */
function recent(times: readonly number[], now: Date): number[] {
  const moment = now.getTime();
  return times.filter((time) => time > moment - hour && time <= moment).sort((a, b) => a - b);
}

function tooOften(issuer: AcmeUrl, name: string, until: Date): NotBefore {
  return new NotBefore(
    until,
    `${name} has failed ${mostInAnHour} times within an hour at ${issuer}: nothing is ordered for it before ${until.toISOString()}`,
    { hint: 'earlier tries say why it failed (bindsto show NAME)' },
  );
}
