import { toBindstoError } from '../errors.ts';
import { command } from './command.ts';
import { counted } from './counts.ts';
import { type Check, type Finding, type Patient, type Report, unknown } from './doctor/check.ts';
import { exit } from './exit.ts';
import { statesJson } from './item-json.ts';
import { resolveName } from './resolve.ts';
import type { Session } from './session.ts';
import { noteSource, readStates, type States } from './states.ts';
import type { Part } from './terminal.ts';

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
      const report = await look(check, patient);
      session.terminal.progress('');
      results.push({ name: check.name, ...report, verdict: verdictOf(report) });
      if (!session.json) print(session, results.at(-1));
    }
    if (session.json)
      session.terminal.printJson({ ...statesJson(session, states), checks: results });
    else printCounts(session, results);
    return results.some(({ verdict }) => verdict === 'problem') ? exit.failed : exit.ok;
  },
});

interface Result extends Report {
  readonly name: string;
  readonly verdict: 'ok' | Finding['verdict'];
}

const words = {
  ok: { dot: '●', style: 'good' },
  unknown: { dot: '○', style: 'waiting' },
  problem: { dot: '×', style: 'bad' },
} as const;

/** A problem that hundreds have is shown for so many; JSON has all. */
const mostShown = 10;
const nameWidth = 12;

function patientOf(session: Session, states: States, wanted: readonly string[]): Patient {
  const { manifest, problem, items } = states;
  if (manifest === undefined) throw problem;
  const instances = new Set(wanted.map((name) => resolveName(name, items).instance));
  const isWanted = ({ instance }: { instance: string }) =>
    wanted.length === 0 || instances.has(instance);
  const certificates = manifest.certificates.filter(isWanted);
  return { session, manifest, items, certificates, isRoot: session.world.uid === 0 };
}

async function look(check: Check, patient: Patient): Promise<Report> {
  try {
    return await check.look(patient);
  } catch (error) {
    const { message, hint } = toBindstoError(error);
    return { fine: '', findings: [unknown('this check', `it failed: ${message}`, hint)] };
  }
}

function verdictOf({ findings }: Report): Result['verdict'] {
  if (findings.some(({ verdict }) => verdict === 'problem')) return 'problem';
  return findings.length > 0 ? 'unknown' : 'ok';
}

function print({ terminal }: Session, result: Result | undefined): void {
  if (result === undefined) return;
  const { name, verdict, fine, findings } = result;
  const head = (of: Result['verdict'], text: string): Part[] => [
    { text: words[of].dot, style: words[of].style },
    ` ${name.padEnd(nameWidth)} `,
    { text: of.padEnd('problem'.length), style: words[of].style },
    ` ${text}`,
  ];
  if (findings.length === 0) terminal.print(...head(verdict, fine));
  for (const { verdict: of, about, found, advice } of findings.slice(0, mostShown)) {
    terminal.print(...head(of, `${about}: ${found}`));
    if (advice)
      terminal.print(' '.repeat(nameWidth + 11), { text: `→ ${advice}`, style: 'strong' });
  }
  const more = findings.length - mostShown;
  if (more > 0)
    terminal.print(' '.repeat(nameWidth + 11), `… and ${more} more: bindsto doctor --json`);
}

function printCounts({ terminal }: Session, results: readonly Result[]): void {
  const count = (wanted: Result['verdict']) =>
    results.filter(({ verdict }) => verdict === wanted).length;
  terminal.print();
  const unclear = count('unknown') === 0 ? '' : `, ${count('unknown')} not to be told`;
  terminal.print(
    `${counted(results.length, 'check')}: ${count('ok')} ok, ${counted(count('problem'), 'problem')}${unclear}.`,
  );
}
