import type { Programs } from './programs.ts';
import { acmeUnits, responderUser } from './static-acme.ts';
import { aggregateTargets, artifactTarget, presenceTargets } from './static-targets.ts';
import { artifactsMount, triggerUnits } from './static-triggers.ts';
import { userManifest, userWorkerUnits } from './static-user.ts';
import { workerUnits } from './static-workers.ts';
import { renderUnit, type Sections, type UnitFile } from './text.ts';

/** Units that a package installs, and the links that enable them, relative to the directory of units. */
export interface StaticUnits {
  readonly files: readonly UnitFile[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

const header = 'Part of bindsto';

export function systemUnits(programs: Programs): StaticUnits {
  return assemble({
    ...presenceTargets,
    'certs.target': enabled(aggregateTargets['certs.target']),
    'artifacts.target': enabled(aggregateTargets['artifacts.target']),
    ...workerUnits(programs),
    ...acmeUnits(programs),
    ...triggerUnits({
      manifest: programs.manifest,
      spools: ['/run/bindsto/spool', '/run/bindsto/spool-acme'],
      watched: ['/var/lib/acme', '/run/bindsto/present', '/run/artifacts'],
    }),
    'run-artifacts.mount': artifactsMount,
  });
}

/** Below `%t`, which is `$XDG_RUNTIME_DIR`, the same as for the system; artifacts only. */
export function userUnits(programs: Programs): StaticUnits {
  return assemble({
    'artifact@.target': artifactTarget('%t'),
    'artifacts.target': {
      ...aggregateTargets['artifacts.target'],
      Install: { WantedBy: 'default.target' },
    },
    ...userWorkerUnits(programs),
    ...triggerUnits({
      manifest: userManifest,
      spools: ['%t/bindsto/spool'],
      watched: ['%t/bindsto/present', '%t/artifacts'],
    }),
  });
}

/** sysusers.d(5): the owner of certificates, as NixOS' own module names it, and who answers for it. */
export const sysusers = `u acme - "Owner of TLS certificates" /var/lib/acme
u ${responderUser} - "Answers to ACME challenges"
`;

function enabled(sections: Sections = {}): Sections {
  return { ...sections, Install: { WantedBy: 'multi-user.target' } };
}

function assemble(units: Readonly<Record<string, Sections>>): StaticUnits {
  const all = Object.entries(units);
  return {
    files: all.map(([path, sections]) => ({ path, text: renderUnit(header, sections) })),
    links: all.flatMap(([name, { Install = {} }]) =>
      Object.entries(Install).map(([kind, target]) => ({
        path: `${String(target)}.${kind === 'RequiredBy' ? 'requires' : 'wants'}/${name}`,
        target: `../${name}`,
      })),
    ),
  };
}
