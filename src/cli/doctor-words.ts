import { counted } from './counts.ts';
import type { Finding, Report } from './doctor/check.ts';
import type { Part, Terminal } from './terminal.ts';

/** What a check has come to. */
export interface Result extends Report {
  readonly name: string;
  readonly verdict: 'ok' | Finding['verdict'];
}

const words = {
  ok: { dot: '●', style: 'good' },
  unknown: { dot: '○', style: 'waiting' },
  problem: { dot: '×', style: 'bad' },
} as const;

const nameWidth = 'path units'.length + 2;
const indent = ' '.repeat(nameWidth + 'problem'.length + 4);

/** A problem that hundreds have is shown for so many; JSON has all. */
const mostShown = 10;
const mostListed = 3;

/** A line for each finding, problems first, and one for what to do. */
export function printResult(terminal: Terminal, { name, fine, findings }: Result): void {
  const line = (verdict: Result['verdict'], text: string): Part[] => [
    { text: words[verdict].dot, style: words[verdict].style },
    ` ${name.padEnd(nameWidth)} `,
    { text: verdict.padEnd('problem'.length), style: words[verdict].style },
    ` ${text}`,
  ];
  if (findings.length === 0) terminal.print(...line('ok', fine));
  const groups = together(findings).sort(([one], [other]) => rankOf(one) - rankOf(other));
  for (const [{ verdict, found, advice }, abouts] of groups.slice(0, mostShown)) {
    terminal.print(...line(verdict, `${listed(abouts)}: ${found}`));
    if (advice) terminal.print(indent, { text: `→ ${advice}`, style: 'strong' });
  }
  const more = groups.length - mostShown;
  if (more > 0) terminal.print(indent, `… and ${more} more: bindsto doctor --json`);
}

export function printCounts(terminal: Terminal, results: readonly Result[]): void {
  const count = (wanted: Result['verdict']) =>
    results.filter(({ verdict }) => verdict === wanted).length;
  const unclear = count('unknown') === 0 ? '' : `, ${count('unknown')} not to be told`;
  const problems = counted(count('problem'), 'problem');
  terminal.print();
  terminal.print(`${counted(results.length, 'check')}: ${count('ok')} ok, ${problems}${unclear}.`);
}

/** Findings that differ only in what they are about. */
function together(findings: readonly Finding[]): [Finding, string[]][] {
  const groups = new Map<string, [Finding, string[]]>();
  for (const finding of findings) {
    const { about, ...same } = finding;
    const key = JSON.stringify(same);
    const [first = finding, abouts = []] = groups.get(key) ?? [];
    groups.set(key, [first, [...abouts, about]]);
  }
  return [...groups.values()];
}

function listed(abouts: readonly string[]): string {
  const more = abouts.length - mostListed;
  const some = abouts.slice(0, mostListed).join(', ');
  return more > 0 ? `${some} and ${more} more` : some;
}

function rankOf({ verdict }: Finding): number {
  return verdict === 'problem' ? 0 : 1;
}
