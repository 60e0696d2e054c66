import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { realProgram } from '../harness/counts.ts';

/** A directory that goes when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'bindsto-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Whether the programs are there. Where not, the test is skipped, or fails under CI. */
export function needs(t: TestContext, ...programs: string[]): boolean {
  const missing = programs.filter((program) => !isThere(program));
  if (missing.length === 0) return true;
  const reason = `${missing.join(', ')} not installed`;
  if (process.env.CI) throw new Error(reason);
  t.skip(reason);
  return false;
}

/** Test data that lies beside the repository, or undefined where the test is to be skipped. */
export function sharedFixture(t: TestContext, name: string): string | undefined {
  const path = join(process.cwd(), '..', 'shared', 'fixtures', name);
  if (existsSync(path)) return path;
  t.skip(`${path} is absent`);
  return undefined;
}

export function run(program: string, args: string[], input?: string | Buffer): Buffer {
  const options = { stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'] };
  return execFileSync(program, args, input === undefined ? options : { ...options, input });
}

/** ssh-keygen has no option that tells its version. */
function isThere(program: string): boolean {
  const path = (process.env.PATH ?? '').split(delimiter);
  return realProgram(program) !== undefined || path.some((at) => existsSync(join(at, program)));
}
