import { pathToFileURL } from 'node:url';
import { inRepository } from './paths.mjs';

/**
 * The files of a package whose text holds paths: units, the generators' guards, the account,
 * the launcher. `at` says where the package's files will be as the host sees them:
 * `{ node, lib, manifest }`. Paths are relative to a directory that holds `systemd/`.
 */
export async function renderPackage(at) {
  const { systemUnits, userUnits, sysusers } = await built('src/units/static.js');
  const { generatorGuard } = await built('src/units/guard.js');
  const guard = (name, manifest) =>
    generatorGuard({ node: at.node, program: `${at.lib}/generators/${name}.cjs`, manifest });
  return {
    system: systemUnits(at),
    user: userUnits(at),
    generators: {
      system: guard('system', at.manifest),
      user: guard('user', '/etc/bindsto/users/$USER.json'),
    },
    sysusers,
    launcher: `#!/bin/sh\nexec ${at.node} ${at.lib}/cli.js "$@"\n`,
  };
}

function built(path) {
  return import(pathToFileURL(inRepository('build', path)).href);
}
