import { execWorker, type Programs } from './programs.ts';
import { rootSandbox } from './sandbox.ts';
import type { Sections } from './text.ts';

export const userManifest = '/etc/bindsto/users/%u.json';

/** The oneshots of a user manager, which has not the rights that most of a sandbox takes. */
export function userWorkerUnits(programs: Programs): Readonly<Record<string, Sections>> {
  const { NoNewPrivileges, LimitCORE, CoredumpFilter, UMask, UnsetEnvironment } = rootSandbox;
  const service = (limit: string, worker: string, ...args: string[]) => ({
    ...{ Type: 'oneshot', UMask, UnsetEnvironment },
    ...{ NoNewPrivileges, LimitCORE, CoredumpFilter },
    ExecStart: execWorker({ ...programs, manifest: userManifest }, worker, '--user', ...args),
    TimeoutStartSec: limit,
  });
  return {
    'bindsto-reconcile.service': {
      Unit: {
        Description: 'Install artifacts',
        // basic.target waits for the path units, which wait for this
        DefaultDependencies: 'no',
        Conflicts: 'shutdown.target',
        Before: 'shutdown.target',
        ConditionPathExists: userManifest,
        StartLimitIntervalSec: '0',
      },
      Service: { ...service('90s', 'bindsto-reconcile'), RemainAfterExit: 'yes' },
      Install: { WantedBy: 'default.target' },
    },
    'artifact@.service': {
      Unit: {
        Description: 'Materialise artifact %i',
        After: 'bindsto-reconcile.service',
        StartLimitIntervalSec: '0',
      },
      Service: service('60s', 'artifact', '--name', '%i'),
    },
    'bindsto-apply.service': {
      Unit: {
        Description: 'Start, stop and reload what depends on artifacts',
        After: 'bindsto-reconcile.service',
        StartLimitIntervalSec: '0',
      },
      Service: {
        ...service('15min', 'bindsto-apply'),
        Restart: 'on-abnormal',
        RestartSec: '10s',
      },
    },
    'bindsto-watch.service': {
      Unit: { Description: 'Tell of changes from outside', StartLimitIntervalSec: '0' },
      Service: service('60s', 'bindsto-watch'),
    },
  };
}
