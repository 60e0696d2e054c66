import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Scenario } from './kill.ts';
import { Rerooted } from './rerooted.ts';

const traced = 'openat,creat,open,close,write,pwrite64,writev,fchmod,fchown,chmod,mkdir';

/** What a generator writes, below a directory that nobody else enters. */
const foreign = /"\/dev\/null"|\/run\/bindsto\/work\/\.tmp-\w+\/out\//;

/** As certmagic has them, for everybody to see: two dates. */
const isLockFile = /\/issue_cert_[\w.]+\.lock"|\/register_acme_account[\w.@]*\.lock"/;

/** Whatever the umask is: system calls ask for modes themselves. */
const open = ['sh', '-c', 'umask 0; exec "$@"', 'sh'];

/** What somebody else could have seen of the files that a worker made, in the lines of strace(1). */
export async function judgeFiles(scenario: Scenario) {
  return judge(await trace(scenario));
}

async function trace(scenario: Scenario): Promise<string[]> {
  using host = new Rerooted();
  await scenario.prepare(host);
  const log = host.path('/strace.log');
  const tracer = ['strace', '-f', '-qq', '-e', 'signal=none', '-o', log, '-e', `trace=${traced}`];
  const { status, stderr } = await host.run(scenario.worker, scenario.args, [...open, ...tracer]);
  assert.equal(status, 0, stderr);
  return readFileSync(log, 'utf8').split('\n');
}

/**
 * A file is made for its owner alone. Once it has got a mode that lets others read, nothing
 * is written to it any more, and it is given to nobody else. Directories that are made where
 * somebody else can write are their maker's alone at first.
 */
function judge(lines: readonly string[]) {
  const wrong: string[] = [];
  /** Files that were made, by descriptor: whether others may read them by now. */
  const files = new Map<string, boolean>();
  let created = 0;
  let shared = 0;
  for (const line of lines) {
    const call = /^\d+ +(\w+)\((.*)\) += (\d+)$/.exec(line);
    if (call === null || foreign.test(line)) continue;
    const [, kind = '', args = '', result = ''] = call;
    if (isLockFile.test(args)) continue;
    const descriptor = args.split(',', 1)[0] ?? '';
    const isShared = files.get(descriptor);
    const mode = Number.parseInt(/, (0\d*)$/.exec(args)?.[1] ?? '0', 8);
    if (kind === 'close') files.delete(descriptor);
    else if (kind === 'creat' || (kind === 'chmod' && !isLock(args, files))) wrong.push(line);
    else if (kind === 'mkdir' && args.includes('/proc/self/fd/') && mode !== 0o700)
      wrong.push(line);
    else if (args.includes('O_CREAT')) {
      created++;
      files.set(result, false);
      if ((mode & 0o077) !== 0) wrong.push(line);
    } else if (isShared === false && kind === 'fchmod' && (mode & 0o077) !== 0) {
      files.set(descriptor, true);
      shared++;
    } else if (isShared && (kind.includes('write') || kind === 'fchown')) wrong.push(line);
  }
  return { created, shared, wrong };
}

/** The socket that a lock is made of: it holds nothing, and whoever waits connects to it. */
function isLock(args: string, files: ReadonlyMap<string, boolean>): boolean {
  const descriptor = /^"\/proc\/self\/fd\/(\d+)", 0666$/.exec(args)?.[1];
  return descriptor !== undefined && !files.has(descriptor);
}
