import { runChild } from './children.mjs';
import { ensureModules, ensurePackages, say } from './machine.mjs';
import { inRepository } from './paths.mjs';

/**
 * Installs what a program of the clone needs, builds it, and runs it with our arguments.
 * What cannot be installed is said, and left to the program: it may do without.
 */
export async function runPrepared(program, { packages, nodes = true }) {
  const missing = [...(await ensureModules({ nodes })), ...(await ensurePackages(packages))];
  for (const what of missing) say(`missing: ${what}`);
  const built = await runChild([process.execPath, inRepository('scripts/build.mjs')]);
  if (built !== 0) return built;
  const [, , ...args] = process.argv;
  return await runChild([process.execPath, inRepository('build', program), ...args]);
}
