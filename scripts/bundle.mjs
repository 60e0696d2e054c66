import { basename, dirname } from 'node:path';
import { build } from 'esbuild';
import { filesBelow, inRepository } from './paths.mjs';
import { standIns } from './stand-ins.mjs';

/** Bundled CommonJS packages may ask for Node's own modules by `require`. */
const requireForBundled = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.20',
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
  logLevel: 'warning',
  absWorkingDir: inRepository(),
  plugins: [standIns],
};

/**
 * What runs on a host, into `dist`: one file for each generator, since PID 1 waits for them;
 * for each worker and the command line an entry, and chunks for what it imports lazily.
 * Workers are bundled one by one, so that none loads a chunk only because another shares it.
 * Resolves to esbuild's account of which input went into which output, by path below `dist`.
 */
export async function bundleAll(dist) {
  const bundles = await Promise.all([
    ...entriesOf('generators').map((entry) => bundleGenerator(entry, dist)),
    ...entriesOf('src/workers').map((entry) =>
      (entry === quickWorker ? bundleScript : bundleModule)(entry, `${dist}/lib/workers`),
    ),
    ...entriesOf('src/cli')
      .filter((entry) => basename(entry) === 'main.ts')
      .map((entry) => bundleModule({ in: entry, out: 'cli' }, `${dist}/lib`)),
  ]);
  const outputs = bundles.flatMap(({ metafile }) => Object.entries(metafile.outputs));
  return Object.fromEntries(
    outputs.map(([path, output]) => [path.replace(/^.*?(?=lib\/)/, ''), output]),
  );
}

function entriesOf(directory) {
  return filesBelow(inRepository(directory))
    .filter((file) => /^[^/]+(?<!\.d)\.ts$/.test(file))
    .map((file) => `${directory}/${file}`);
}

function bundleGenerator(entry, dist) {
  return build({
    ...common,
    entryPoints: [entry],
    format: 'cjs',
    outdir: `${dist}/lib/generators`,
    outExtension: { '.js': '.cjs' },
  });
}

/** A worker that hands its work on to another one loads that one's bundle, and nothing before. */
const otherWorkers = {
  name: 'other-workers',
  setup(build) {
    build.onResolve({ filter: /^\.\/[a-z-]+\.ts$/ }, ({ path, importer }) => {
      const isWorker = dirname(importer) === inRepository('src/workers');
      return isWorker ? { path: path.replace(/ts$/, 'js'), external: true } : undefined;
    });
  },
};

/** It nearly always ends at once, and Node starts a script sooner than a module. */
const quickWorker = 'src/workers/cert-renew.ts';

function bundleScript(entry, outdir) {
  return build({
    ...common,
    plugins: [...common.plugins, otherWorkers],
    entryPoints: [entry],
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
    outdir,
  });
}

function bundleModule(entry, outdir) {
  return build({
    ...common,
    plugins: [...common.plugins, otherWorkers],
    entryPoints: [entry],
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: requireForBundled },
    outdir,
  });
}
