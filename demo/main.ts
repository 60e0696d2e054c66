import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Terminal } from '../src/cli/terminal.ts';
import { worldOf } from '../src/host/world.ts';
import { whyNoContainer } from '../tests/harness/holder.ts';
import { inRepository } from '../tests/harness/repository.ts';
import { ContainerStage } from './container-stage.ts';
import { DirectoryStage } from './directory-stage.ts';
import { reportOf, writeReport } from './report.ts';
import { prepareScenario, type Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { play, tellConfiguration } from './story.ts';
import { Teller } from './teller.ts';

process.umask(0o022);
let stage: Stage | undefined;
let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void end(130));
}
process.stdout.once('error', () => void end(1)); // nobody reads on

try {
  await demo();
} catch (error) {
  if (!isEnding) await fail(error);
}

/** `npm run demo [-- --no-container] [--report FILE]`, once everything is built: see scripts/demo.mjs. */
async function demo(): Promise<void> {
  const began = Date.now();
  const { values: flags } = parseArgs({
    options: {
      'no-container': { type: 'boolean', default: false },
      report: { type: 'string', default: inRepository('demo-report.json') },
    },
  });
  const terminal = new Terminal(worldOf(process), 'auto');
  const teller = new Teller(terminal);
  teller.title('bindsto: what a machine has, and what starts because of it');
  const scenario = await prepareScenario();
  tellConfiguration(teller, scenario);
  const place = await openStage(scenario, flags['no-container']);
  const chronicle = await play(teller, scenario, place, terminal.isTerminal ? 700 : 0);
  const report = await reportOf(place, chronicle, began);
  await clearAway();
  writeReport(flags.report, report);
  terminal.print();
  terminal.print(
    `Done in ${report.seconds.toFixed(1)} s. The ${report.stage} is gone and nothing is left running. `,
    `More: ${relative(process.cwd(), flags.report)}`,
  );
  if (report.leftOut.length > 0) terminal.print(`Left out: ${report.leftOut.join('; ')}.`);
}

/** A container where that can be, else a directory; the stage is known from its first file on. */
async function openStage(scenario: Scenario, inDirectory: boolean): Promise<Stage> {
  const why = inDirectory ? 'not wanted' : whyNoContainer();
  if (why === undefined) {
    const slow = setTimeout(() => {
      process.stderr.write('bindsto: making a Debian 13 tree; once, it takes half a minute\n');
    }, 3000);
    try {
      stage = new ContainerStage();
      await stage.prepare(scenario);
      return stage;
    } catch (error) {
      if (isEnding) throw error;
      return await openDirectory(scenario, `booting a container failed: ${firstLineOf(error)}`);
    } finally {
      clearTimeout(slow);
    }
  }
  return await openDirectory(scenario, why);
}

async function openDirectory(scenario: Scenario, why: string): Promise<Stage> {
  stage = new DirectoryStage(why);
  await stage.prepare(scenario);
  return stage;
}

async function fail(error: unknown): Promise<void> {
  await clearAway();
  process.stderr.write(`bindsto: demo: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function end(status: number): Promise<void> {
  isEnding = true;
  await clearAway().finally(() => process.exit(status));
}

async function clearAway(): Promise<void> {
  await stage?.[Symbol.asyncDispose]();
}

function firstLineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
