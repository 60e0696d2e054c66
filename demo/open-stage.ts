import { whyNoContainer } from '../tests/harness/holder.ts';
import { serverTree } from '../tests/harness/servers.ts';
import { trixie } from '../tests/harness/suites.ts';
import { ContainerStage } from './container-stage.ts';
import { DirectoryStage } from './directory-stage.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** Milliseconds after which a person wants to know what is going on. */
const patience = 2000;

/**
 * Why there will be no container, in words; undefined: there may be one, and the Debian tree
 * that it boots from is there.
 */
export async function whyNoBoot(say: (text: string) => void): Promise<string | undefined> {
  const why = whyNoContainer();
  if (why !== undefined) return why;
  const slow = setTimeout(() => {
    say('making a Debian 13 tree to boot from; once, it takes a minute');
  }, patience);
  try {
    await serverTree(trixie);
    return undefined;
  } catch (error) {
    return firstLineOf(error);
  } finally {
    clearTimeout(slow);
  }
}

/**
 * A container where that can be, else a directory. `take` makes each stage and keeps it, so
 * that it can be cleared away at any time.
 */
export async function openStage(
  scenario: Scenario,
  whyNot: string | undefined,
  take: (make: () => Stage) => Stage,
): Promise<Stage> {
  const open = async (make: () => Stage) => {
    const stage = take(make);
    await stage.prepare(scenario);
    return stage;
  };
  if (whyNot !== undefined) return await open(() => new DirectoryStage(whyNot));
  try {
    return await open(() => new ContainerStage());
  } catch (error) {
    const why = firstLineOf(error);
    return await open(() => new DirectoryStage(why));
  }
}

function firstLineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
