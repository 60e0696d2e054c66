import { execWorker, type Programs } from './programs.ts';
import { rootSandbox } from './sandbox.ts';
import { aggregateTargets, artifactTarget, presenceTargets } from './static-targets.ts';
import { artifactsMount, triggerUnits } from './static-triggers.ts';
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
    ...triggerUnits,
    'run-artifacts.mount': artifactsMount,
  });
}

/** For user managers: the same names below `%t`, which is `$XDG_RUNTIME_DIR`. */
export function userUnits(programs: Programs): StaticUnits {
  const exec = (worker: string, ...args: string[]) =>
    execWorker({ ...programs, manifest: '/etc/bindsto/users/%u.json' }, worker, '--user', ...args);
  const { NoNewPrivileges, LimitCORE, CoredumpFilter, UMask, UnsetEnvironment } = rootSandbox;
  const service = {
    ...{ Type: 'oneshot', UMask, UnsetEnvironment },
    ...{ NoNewPrivileges, LimitCORE, CoredumpFilter },
  };
  return assemble({
    'artifact@.target': artifactTarget('%t'),
    'artifacts.target': {
      ...aggregateTargets['artifacts.target'],
      Install: { WantedBy: 'default.target' },
    },
    'bindsto-reconcile.service': {
      Unit: {
        Description: 'Install artifacts',
        DefaultDependencies: 'no',
        StartLimitIntervalSec: '0',
      },
      Service: {
        ...service,
        ExecStart: exec('bindsto-reconcile'),
        RemainAfterExit: 'yes',
        TimeoutStartSec: '90s',
      },
    },
    'artifact@.service': {
      Unit: { Description: 'Materialise artifact %i', StartLimitIntervalSec: '0' },
      Service: { ...service, ExecStart: exec('artifact', '--name', '%i'), TimeoutStartSec: '60s' },
    },
  });
}

/** sysusers.d(5): the owner of certificates, as NixOS' own module names it. */
export const sysusers = 'u acme - "Owner of TLS certificates" /var/lib/acme\n';

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
