import { BindstoError } from '../errors.ts';
import { describeProblem } from '../manifest/load.ts';
import { command } from './command.ts';
import { exit } from './exit.ts';
import { statesJson } from './item-json.ts';
import { labelOf } from './item-words.ts';
import type { Named } from './named.ts';
import { printProspect, prospectJson } from './prospect-words.ts';
import type { Outcome } from './renew-outcome.ts';
import { outcomeJson, printOutcome } from './renew-words.ts';
import { resolveName } from './resolve.ts';
import type { Session } from './session.ts';
import { noteSource, readStates, type States } from './states.ts';

export const renew = command({
  usage: 'renew <names..>',
  about: [
    'Renews certificates that are due, now, whenever their next try would be. Waits for them;',
    'Ctrl-C ends the waiting, not the work. What a CA forbids until some time is not tried.',
    'Exit status: 0 renewed or not due, 1 failed, 4 no such name, 2 a wrong command line.',
  ],
  options: {
    force: { type: 'boolean', default: false, describe: 'also what is not due' },
    'dry-run': {
      type: 'boolean',
      default: false,
      describe: 'say what would happen and why; asks no CA, changes nothing',
    },
  },
  examples: [
    ['bindsto renew mail.example.com', 'if it is due'],
    ['bindsto renew --force mail.example.com', 'also if it is not: after a key has leaked'],
    ['bindsto renew --dry-run mail.example.com', 'from whom, by which challenge, and whether'],
  ],
  async run(session, { force, 'dry-run': dryRun, positionals: names }) {
    const states = readStates(session);
    const named = names.map((name) => certificateNamed(states, name));
    if (dryRun) return await sayWhatWouldHappen(session, states, named, force);
    mayRenew(session, names);
    const wanted = named.filter(({ item }) => force || item.state !== 'valid');
    const outcomes = await outcomesOf(session, states, wanted, force);
    const all = named.map(
      (each): Outcome => outcomes.get(each.certificate.instance) ?? { ...each, result: 'not-due' },
    );
    if (session.json) {
      session.terminal.printJson({ version: 1, certificates: all.map(outcomeJson) });
    } else {
      for (const outcome of all) printOutcome(session, outcome);
    }
    return all.some(({ result }) => result === 'failed' || result === 'unfinished')
      ? exit.failed
      : exit.ok;
  },
});

function certificateNamed({ items, manifest, problem }: States, name: string): Named {
  const item = resolveName(name, items);
  if (item.kind === 'artifact') {
    throw new BindstoError('usage', `${labelOf(item)} is no certificate`, {
      hint: `systemctl start artifact@${item.instance}.service makes an artifact anew`,
    });
  }
  if (manifest === undefined) throw problem;
  const certificate = manifest.certificates.find(({ instance }) => instance === item.instance);
  if (certificate !== undefined) return { certificate, item };
  const why = item.problems?.map(describeProblem).join('; ') ?? 'it is no longer declared';
  throw new BindstoError('data', `${labelOf(item)}: ${why}`, {
    hint: 'mend it in the configuration and rebuild',
  });
}

function mayRenew({ world, machine }: Session, names: readonly string[]): void {
  if (machine === undefined || world.uid === 0) return;
  throw new BindstoError('permission', 'only root may start the units that renew', {
    hint: `sudo bindsto renew ${names.join(' ')}; --dry-run says to everybody what would happen`,
  });
}

/** By the units on the running system; below another root in this process, as they would. */
async function outcomesOf(
  session: Session,
  { manifest }: States,
  wanted: readonly Named[],
  force: boolean,
): Promise<Map<string, Outcome>> {
  if (manifest === undefined || wanted.length === 0) return new Map();
  const { machine } = session;
  const outcomes =
    machine === undefined
      ? await (await import('./renew-here.ts')).renewHere(session, manifest, wanted, force)
      : await (await import('./renew-units.ts')).renewByUnits(session, machine, wanted, force);
  return new Map(outcomes.map((each) => [each.certificate.instance, each]));
}

async function sayWhatWouldHappen(
  session: Session,
  states: States,
  named: readonly Named[],
  force: boolean,
): Promise<number> {
  const { prospectOf } = await import('./prospect.ts');
  const prospects = await Promise.all(named.map((each) => prospectOf(session, each, force)));
  if (session.json) {
    const certificates = prospects.map(prospectJson);
    session.terminal.printJson({ ...statesJson(session, states), dryRun: true, certificates });
  } else {
    noteSource(session, states);
    for (const [at, prospect] of prospects.entries()) {
      if (at > 0) session.terminal.print();
      printProspect(session, prospect);
    }
  }
  return exit.ok;
}
