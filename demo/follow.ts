import { isWorker } from './journal.ts';
import type { Service } from './scenario.ts';
import type { Act, Happening, Stage, Turn } from './stage.ts';

export type Expected = Readonly<Record<string, Turn>>;

/** Milliseconds; an act takes one or two seconds. */
const longest = 30_000;

/**
 * Lets an act happen and tells of it as it does, until all that is expected has come.
 *
 * @throws Error that names what has not
 */
export async function follow(
  stage: Pick<Stage, 'kind' | 'run' | 'happenings'>,
  act: Act,
  expected: Expected,
  tell: (happening: Happening) => void,
): Promise<readonly Happening[]> {
  const seen: Happening[] = [];
  let failure: unknown;
  let isRunning = true;
  stage
    .run(act)
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => {
      isRunning = false;
    });
  const deadline = Date.now() + longest;
  for (let hasRun = false; ; hasRun = !isRunning) {
    for (const happening of await stage.happenings()) {
      seen.push(happening);
      tell(happening);
    }
    if (failure !== undefined) throw failure;
    const isDone = hasRun && (stage.kind === 'directory' || missing(expected, seen).length === 0);
    if (isDone || Date.now() > deadline) break;
  }
  const left = missing(expected, seen);
  if (left.length === 0) return seen;
  const list = left.map(([unit, turn]) => `${unit}: ${turn}`).join(', ');
  throw new Error(`has not come to pass: ${list}`);
}

/** Presence targets, workers and the services of the story; everything else is the machine's own business. */
export function belongsToStory(services: readonly Service[]) {
  const names = new Set(services.map(({ name }) => name));
  return ({ unit }: Happening): boolean =>
    names.has(unit) || isWorker(unit) || /^(?:cert|cert-files|artifact)@.+\.target$/.test(unit);
}

function missing(expected: Expected, seen: readonly Happening[]) {
  return Object.entries(expected).filter(
    ([unit, turn]) => !seen.some((each) => each.unit === unit && each.turn === turn),
  );
}
