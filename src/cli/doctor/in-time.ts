import { eachAtOnce } from '../../certificates/at-once.ts';
import { type Finding, unknown } from './check.ts';

/** Milliseconds in which a question is asked for the last time; an answer may take some more. */
const longest = 15_000;

/** By `performance.now()`. */
export function deadline(): number {
  return performance.now() + longest;
}

/** Looks at each, several at a time; what there is no time for is said to be unknown. */
export async function eachInTime(
  all: readonly string[],
  { atOnce, until }: { readonly atOnce: number; readonly until: number },
  look: (each: string) => Promise<readonly Finding[]>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  await eachAtOnce(all, atOnce, async (each) => {
    const isLate = performance.now() > until;
    findings.push(
      ...(isLate ? [unknown(each, 'there was no time left for it')] : await look(each)),
    );
  });
  return findings;
}
