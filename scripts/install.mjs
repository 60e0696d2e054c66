// Installs what `npm run build` has made, for systemd to find it: what a package does.
//   node scripts/install.mjs [--root DIR] [--prefix DIR] [--node FILE] [--manifest FILE]
// All but --root are paths as the host will see them. Accounts are made by systemd-sysusers.
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { inRepository } from './paths.mjs';
import { renderPackage } from './render.mjs';

process.umask(0o022);
const { root, prefix, node, manifest } = parseArgs({
  options: {
    root: { type: 'string', default: '/' },
    prefix: { type: 'string', default: '/usr/lib/bindsto' },
    node: { type: 'string', default: process.execPath },
    manifest: { type: 'string', default: '/etc/bindsto/manifest.json' },
  },
}).values;
const lib = join(prefix, 'lib');
const rendered = await renderPackage({ node, lib, manifest });

rmSync(at(lib), { recursive: true, force: true });
// Node guesses without a warning where no package.json is near
const own = inRepository('dist/lib/package.json');
cpSync(inRepository('dist/lib'), at(lib), { recursive: true, filter: (file) => file !== own });
for (const manager of ['system', 'user']) {
  const units = join('/usr/lib/systemd', manager);
  for (const { path, text } of rendered[manager].files) write(join(units, path), text);
  for (const { path, target } of rendered[manager].links) link(join(units, path), target);
  const generator = `/usr/lib/systemd/${manager}-generators/bindsto`;
  write(generator, rendered.generators[manager], 0o755);
}
write('/usr/lib/sysusers.d/bindsto.conf', rendered.sysusers);
write(join(prefix, 'bin/bindsto'), rendered.launcher, 0o755);
link('/usr/bin/bindsto', join(prefix, 'bin/bindsto'));

function at(path) {
  return join(root, path);
}

function write(path, text, mode = 0o644) {
  mkdirSync(dirname(at(path)), { recursive: true });
  rmSync(at(path), { force: true });
  writeFileSync(at(path), text, { mode });
}

function link(path, target) {
  mkdirSync(dirname(at(path)), { recursive: true });
  rmSync(at(path), { force: true });
  symlinkSync(target, at(path));
}
