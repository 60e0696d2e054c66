import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Terminal } from '../src/cli/terminal.ts';
import { worldOf } from '../src/host/world.ts';
import { inRepository } from '../tests/harness/repository.ts';
import { openStage, whyNoBoot } from './open-stage.ts';
import { reportOf, writeReport } from './report.ts';
import { prepareScenario } from './scenario.ts';
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
  const { values: flags } = parseArgs({
    options: {
      'no-container': { type: 'boolean', default: false },
      report: { type: 'string', default: inRepository('demo-report.json') },
    },
  });
  const whyNot = flags['no-container'] ? 'not wanted' : await whyNoBoot(say);
  const began = Date.now();
  const terminal = new Terminal(worldOf(process), 'auto');
  const teller = new Teller(terminal);
  teller.title('bindsto: what a machine has, and what starts because of it');
  const scenario = await prepareScenario();
  tellConfiguration(teller, scenario);
  const place = await openStage(scenario, whyNot, (make) => {
    if (isEnding) throw new Error('ended');
    stage = make();
    return stage;
  });
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

async function fail(error: unknown): Promise<void> {
  await clearAway();
  say(`demo: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function end(status: number): Promise<void> {
  isEnding = true;
  await clearAway().finally(() => process.exit(status));
}

async function clearAway(): Promise<void> {
  await stage?.[Symbol.asyncDispose]();
}

function say(text: string): void {
  process.stderr.write(`bindsto: ${text}\n`);
}
