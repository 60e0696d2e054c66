import { toBindstoError } from '../errors.ts';
import { command } from './command.ts';
import { type Check, type Patient, type Report, unknown } from './doctor/check.ts';
import { printCounts, printResult, type Result } from './doctor-words.ts';
import { exit } from './exit.ts';
import { statesJson } from './item-json.ts';
import { resolveName } from './resolve.ts';
import type { Session } from './session.ts';
import { noteSource, readStates, type States } from './states.ts';

export const doctor = command({
  usage: 'doctor [names..]',
  about: [
    'Looks for what keeps certificates from being issued, renewed and used: the clock, units,',
    'room and rights, accounts, credentials, keys, ports, names, and whether the web server of',
    'this host answers as a CA would ask. With NAMEs only these certificates. Contacts no CA.',
    'Exit status: 0 no problem found, 1 some; root sees more than others.',
  ],
  options: {},
  examples: [
    ['bindsto doctor', 'the whole host'],
    ['bindsto doctor shop.example.com', 'only this certificate'],
    ['bindsto doctor --json | jq \'.checks[] | select(.verdict == "problem")\'', 'for programs'],
  ],
  async run(session, { positionals: wanted }) {
    const states = readStates(session);
    if (!session.json) noteSource(session, states);
    const patient = patientOf(session, states, wanted);
    const { checks } = await import('./doctor/checks.ts');
    const results: Result[] = [];
    for (const check of checks) {
      session.terminal.progress(`looking: ${check.name}`);
      const result = await look(check, patient);
      session.terminal.progress('');
      results.push(result);
      if (!session.json) printResult(session.terminal, result);
    }
    if (session.json) {
      session.terminal.printJson({ ...statesJson(session, states), checks: results });
    } else {
      printCounts(session.terminal, results);
    }
    return results.some(({ verdict }) => verdict === 'problem') ? exit.failed : exit.ok;
  },
});

function patientOf(session: Session, states: States, wanted: readonly string[]): Patient {
  const { manifest, problem, items } = states;
  if (manifest === undefined) throw problem;
  const named = wanted.map((name) => resolveName(name, items));
  const instances = named.map(({ kind, instance }) => kind === 'certificate' && instance);
  const certificates = manifest.certificates.filter(
    ({ instance }) => wanted.length === 0 || instances.includes(instance),
  );
  return { session, manifest, items, certificates, isRoot: session.world.uid === 0 };
}

/** A check that cannot be carried out has found nothing out. */
async function look(check: Check, patient: Patient): Promise<Result> {
  const { name } = check;
  try {
    const report = await check.look(patient);
    return { name, ...report, verdict: verdictOf(report) };
  } catch (error) {
    const { message, hint } = toBindstoError(error);
    const findings = [unknown('this check', `it failed: ${message}`, hint)];
    return { name, fine: '', findings, verdict: 'unknown' };
  }
}

function verdictOf({ findings }: Report): Result['verdict'] {
  if (findings.some(({ verdict }) => verdict === 'problem')) return 'problem';
  return findings.length > 0 ? 'unknown' : 'ok';
}
