// `npm test`: installs what is missing, builds, and runs everything. See CONTRIBUTING.md.
//   npm test -- [--unit] [--system] [--node 20|24] [--suite bookworm|trixie] [--name PATTERN] [FILE…]
// FILE: part of a test file's path. Under CI a skip or a missing part is a failure.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChild } from './children.mjs';
import { ensureModules, ensurePackages, say, testPackages } from './machine.mjs';
import { filesBelow, inRepository } from './paths.mjs';
import { readLines, Tally } from './tally.mjs';

const { values: flags, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: {
    unit: { type: 'boolean', default: false },
    system: { type: 'boolean', default: false },
    node: { type: 'string' },
    suite: { type: 'string' },
    name: { type: 'string' },
  },
});
/** More files than these do not fail because the machine was busy. */
const fewFiles = 4;

const everything = !flags.unit && !flags.system;
const isNarrow = patterns.length > 0 || flags.name !== undefined;
const tally = new Tally(Boolean(process.env.CI));
const scratch = mkdtempSync(join(tmpdir(), 'bindsto-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

for (const missing of [
  ...(await ensureModules({ nodes: true })),
  ...(await ensurePackages(testPackages)),
]) {
  say(`missing: ${missing}`);
  tally.add('installing', 'skipped', { name: missing });
}

await check('build', [process.execPath, inRepository('scripts/build.mjs')]);
if (!tally.failed) {
  if (everything && !isNarrow) {
    await check('lint', ['npm', 'run', '--silent', 'lint']);
    await check('typecheck', ['npm', 'run', '--silent', 'typecheck']);
  }
  await trees();
  if (flags.unit || everything) await unitTests();
  if (flags.system || everything) await systemTests();
}
if (tally.isEmpty) tally.add('tests', 'failed', { reason: 'none is named so' });
process.stdout.write(`\n${tally.report()}`);
process.exitCode = tally.failed ? 1 : 0;

async function check(name, argv) {
  const status = await runChild(argv, { cwd: inRepository() });
  if (status !== 0) tally.add(name, 'failed', { reason: `ended with ${status}` });
}

/** Debian trees, where they can be made: unit tests run servers out of one, containers boot from all. */
async function trees() {
  const { whyNoContainer } = await harness();
  if (whyNoContainer() !== undefined) return;
  await check('trees', [process.execPath, inRepository('build/tests/harness/build-trees.js')]);
}

/** Both Node releases run all that needs no container. */
async function unitTests() {
  const files = testFiles((file) => !isSystemTest(file));
  for (const node of [20, 24]) {
    if (flags.node !== undefined && flags.node !== String(node)) continue;
    await runTests(`unit tests on Node ${node}`, files, node);
  }
}

/** Each suite has its systemd and its Node: all files run once for each. */
async function systemTests() {
  const { suites, whyNoContainer } = await harness();
  const files = testFiles(isSystemTest);
  const why = whyNoContainer();
  for (const { name, systemd, node } of suites) {
    if (flags.suite !== undefined && flags.suite !== name) continue;
    if (flags.node !== undefined && flags.node !== String(node)) continue;
    const part = `system tests on systemd ${systemd} with Node ${node}`;
    if (why === undefined) {
      await runTests(part, files, node, { BINDSTO_TEST_SUITE: name });
    } else {
      tally.add(part, 'skipped', { reason: why });
    }
  }
}

async function harness() {
  const { suites } = await import('../build/tests/harness/suites.js');
  const { whyNoContainer } = await import('../build/tests/harness/holder.js');
  return { suites, whyNoContainer };
}

function testFiles(isWanted) {
  return filesBelow(inRepository('build/tests'))
    .filter((file) => file.endsWith('.test.js') && isWanted(file))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)));
}

function isSystemTest(file) {
  return /^(systemd|harness)\//.test(file);
}

/**
 * Runs test files, one more at a time than there are cores, since most of them wait most of the
 * time. Boots and kills are measured against the clock: what fails beside others is run once
 * more, alone, and that counts; the last lines name it.
 */
async function runTests(part, files, release, extra = {}) {
  if (files.length === 0) return;
  const node = inRepository(`tests/nodes/node_modules/node${release}-${process.arch}/bin/node`);
  const events = join(scratch, `events-${part}`);
  const counts = join(scratch, `counts-${part}`);
  const env = testEnvironment(node, { BINDSTO_TEST_COUNTS: counts, ...extra });
  process.stdout.write(`\n${part}\n`);
  const paths = files.map((file) => inRepository('build/tests', file));
  let status = await runFiles(node, paths, availableParallelism() + 1, events, env);
  const failed = failedFiles(events);
  if (failed.length > 0 && failed.length <= fewFiles) {
    process.stdout.write(`\n${part}: once more, alone\n`);
    const again = join(scratch, `again-${part}`);
    status = await runFiles(node, failed, 1, again, env);
    replaceEvents(events, failed, again);
    for (const file of failed) tally.note(`once more, alone: ${part}: ${basename(file)}`);
  }
  tally.addTests(part, events, status);
  tally.addCounts(counts);
}

async function runFiles(node, paths, concurrency, events, env) {
  return await runChild(
    [
      node,
      '--test',
      `--test-concurrency=${concurrency}`,
      '--test-timeout=900000',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${inRepository('scripts/test-events.mjs')}`,
      `--test-reporter-destination=${events}`,
      ...(flags.name === undefined ? [] : [`--test-name-pattern=${flags.name}`]),
      ...paths,
    ],
    { cwd: inRepository(), env },
  );
}

function failedFiles(events) {
  const failed = readLines(events).filter(({ outcome }) => outcome === 'failed');
  return [...new Set(failed.map(({ file }) => file))].filter((file) => file !== undefined);
}

function replaceEvents(events, files, again) {
  const kept = readLines(events).filter(({ file }) => !files.includes(file));
  const all = [...kept, ...readLines(again)];
  writeFileSync(events, all.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

/** `node` is the release under test; what would slow down each of its starts is taken away. */
function testEnvironment(node, extra) {
  const { NODE_EXTRA_CA_CERTS, NODE_OPTIONS, NODE_V8_COVERAGE, ...env } = process.env;
  return { ...env, PATH: `${dirname(node)}:${env.PATH}:/usr/sbin:/sbin`, ...extra };
}
