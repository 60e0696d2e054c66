import type { Sections } from './text.ts';

/**
 * What wakes `bindsto-apply.service`, and `bindsto-watch.service`, which wakes it in turn. A
 * path unit fails for good when it triggers 200 times in 2 s, so the trigger limit is off;
 * the two services see to it that nothing loops.
 */
export function triggerUnits(paths: {
  /** Without it there is nothing to do. */
  readonly manifest: string;
  readonly spools: readonly string[];
  readonly watched: readonly string[];
}): Readonly<Record<string, Sections>> {
  const condition = { ConditionPathExists: paths.manifest };
  return {
    'bindsto-apply.path': {
      Unit: {
        Description: 'Wait for changes of certificates and artifacts',
        After: 'bindsto-reconcile.service',
        ...condition,
      },
      Path: { DirectoryNotEmpty: paths.spools, TriggerLimitIntervalSec: '0' },
      Install: { WantedBy: 'paths.target' },
    },
    'bindsto-watch.path': {
      Unit: {
        Description: 'Look when certificates or artifacts are changed from outside',
        After: 'bindsto-reconcile.service',
        ...condition,
      },
      Path: { PathChanged: paths.watched, TriggerLimitIntervalSec: '0' },
      Install: { WantedBy: 'paths.target' },
    },
    'bindsto.timer': {
      Unit: { Description: 'Look for certificates and artifacts that are due', ...condition },
      Timer: {
        Unit: 'bindsto-apply.service',
        OnCalendar: 'hourly',
        RandomizedDelaySec: '5min',
        Persistent: 'yes',
      },
      Install: { WantedBy: 'timers.target' },
    },
  };
}

/** A unit of its own, since a mount made inside a sandboxed service vanishes with it. ramfs is never swapped out. */
export const artifactsMount: Sections = {
  Unit: {
    Description: 'Artifacts, in memory that is never swapped out',
    DefaultDependencies: 'no',
    Conflicts: 'umount.target',
    Before: 'umount.target',
  },
  Mount: {
    What: 'artifacts',
    Where: '/run/artifacts',
    Type: 'ramfs',
    Options: 'mode=0751,nodev,nosuid,noexec',
  },
};
