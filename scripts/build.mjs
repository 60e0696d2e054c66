// Builds build/ (what tests, bench and demo run) and dist/ (what is installed on a host).
// Does nothing where no input has changed, and may run beside itself and beside the tests.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleAll } from './bundle.mjs';
import { locked } from './lock.mjs';
import { buildLock, filesBelow, inRepository } from './paths.mjs';

try {
  await locked(buildLock, build);
} catch (error) {
  process.stderr.write(`bindsto: building: ${error.message}\n`);
  process.exitCode = 1;
}

async function build() {
  const inputs = digestOfInputs();
  const stamp = inRepository('build', '.inputs');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;
  rmSync(stamp, { force: true });
  const next = inRepository('build', '.next');
  rmSync(next, { recursive: true, force: true });
  emit(join(next, 'build'));
  replace(inRepository('build'), join(next, 'build'), { keep: ['meta.json'] });
  const outputs = await bundleAll(join(next, 'dist'));
  await renderInto(join(next, 'dist'));
  replace(inRepository('dist'), join(next, 'dist'));
  writeFileSync(inRepository('build/meta.json'), JSON.stringify(outputs, undefined, 1));
  rmSync(next, { recursive: true });
  writeFileSync(stamp, inputs);
}

function digestOfInputs() {
  const hash = createHash('sha256');
  for (const directory of ['src', 'generators', 'tests', 'bench', 'demo', 'scripts']) {
    for (const file of filesBelow(inRepository(directory))) {
      if (!/\.(ts|mjs)$/.test(file) || file.includes('node_modules/')) continue;
      hash.update(`${directory}/${file}\0`).update(readFileSync(inRepository(directory, file)));
    }
  }
  for (const file of ['tsconfig.json', 'package-lock.json']) {
    hash.update(readFileSync(inRepository(file)));
  }
  return hash.digest('hex');
}

/** Types are checked by `npm run typecheck`, not here: a build takes a second. */
function emit(outDir) {
  const tsc = inRepository('node_modules/.bin/tsc');
  const args = ['--noCheck', '--project', inRepository('tsconfig.json'), '--outDir', outDir];
  const { status } = spawnSync(tsc, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`tsc ended with ${status}`);
}

/** dist/ as it runs from this clone; install.mjs renders the same for another place. */
async function renderInto(dist) {
  const { renderPackage } = await import('./render.mjs');
  const { system, user, generators, launcher } = await renderPackage({
    node: process.execPath,
    lib: inRepository('dist/lib'),
    manifest: '/etc/bindsto/manifest.json',
  });
  for (const [name, units] of Object.entries({ system, user })) {
    for (const { path, text } of units.files) write(join(dist, 'systemd', name, path), text);
    write(join(dist, 'generators', `${name}-generator`), generators[name], 0o755);
  }
  write(join(dist, 'bin/bindsto'), launcher, 0o755);
  // each file says by itself whether it is a module, here as where it is installed
  write(join(dist, 'lib/package.json'), '{}\n');
}

function write(path, text, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

/** File by file, each by one rename: a test that runs meanwhile finds the old one or the new. */
function replace(current, next, { keep = [] } = {}) {
  const wanted = filesBelow(next);
  for (const file of wanted) {
    mkdirSync(dirname(join(current, file)), { recursive: true });
    renameSync(join(next, file), join(current, file));
  }
  const kept = new Set([...wanted, ...keep]);
  for (const file of filesBelow(current)) {
    if (!kept.has(file) && !file.startsWith('.')) rmSync(join(current, file));
  }
}
