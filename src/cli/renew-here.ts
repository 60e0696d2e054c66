import { changesOf } from '../certificates/changes.ts';
import { checkClock } from '../certificates/clock.ts';
import { certificateContext } from '../certificates/context.ts';
import { ensureCertificate } from '../certificates/ensure.ts';
import { toBindstoError } from '../errors.ts';
import type { Log } from '../host/log.ts';
import type { Manifest } from '../manifest/types.ts';
import type { Named } from './named.ts';
import { type Failure, type Outcome, outcomeOf } from './renew-outcome.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

/** What `cert@NAME.service` does, one after the other, where no service manager is. */
export async function renewHere(
  session: Session,
  manifest: Manifest,
  wanted: readonly Named[],
  force: boolean,
): Promise<Outcome[]> {
  const { places, world, terminal } = session;
  const { now } = world;
  checkClock(now());
  const surroundings = { places, log: talkingLog(terminal), now };
  const context = certificateContext(surroundings, manifest, undefined);
  using changes = changesOf(context);
  const outcomes: Outcome[] = [];
  for (const named of wanted) {
    const { certificate } = named;
    const since = now();
    terminal.progress(`${certificate.name}: asking ${certificate.issuers[0]}`);
    let failure: Failure | undefined;
    try {
      const options = { force, alone: true };
      const { changed, unmet } = await ensureCertificate(context, certificate, options);
      if (changed) changes.add(certificate.instance);
      failure = unmet;
    } catch (error) {
      failure = toBindstoError(error);
      if (failure.code !== 'later') changes.add(certificate.instance);
    }
    outcomes.push(outcomeOf(session, named, failure, since));
  }
  terminal.progress('');
  return outcomes;
}

/** What has come of it is said at the end. */
function talkingLog(terminal: Terminal): Log {
  const note = (message: string) => terminal.note(message);
  const nothing = () => {};
  return { error: note, warning: note, notice: nothing, info: nothing, debug: nothing };
}
