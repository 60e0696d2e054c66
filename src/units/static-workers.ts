import { execWorker, type Programs } from './programs.ts';
import { acmeSandbox, adminsOwn, generatorSandbox, offline, rootSandbox } from './sandbox.ts';
import type { Sections } from './text.ts';

/** Paths that root's workers write to. Others, such as /etc, come as a drop-in where an artifact needs them. */
const rootPaths = '-/run/bindsto -/run/artifacts -/var -/srv';

/** The oneshots. None of them stays; `StartLimitIntervalSec=0` since a wake-up must never be lost. */
export function workerUnits(programs: Programs): Readonly<Record<string, Sections>> {
  const exec = (worker: string, ...args: string[]) => execWorker(programs, worker, ...args);
  return {
    'bindsto-users.service': {
      Unit: {
        Description: 'Install the artifacts that accounts need',
        ...early('systemd-sysusers.service userborn.service bindsto-reconcile.service'),
        Wants: 'run-artifacts.mount',
        // not after local-fs.target, before which systemd itself makes accounts
        After: 'systemd-remount-fs.service run-artifacts.mount',
      },
      Service: {
        ...oneshot(exec('bindsto-users'), '60s'),
        RemainAfterExit: 'yes',
        RuntimeDirectory: 'bindsto',
        RuntimeDirectoryPreserve: 'yes',
        ...rootSandbox,
        ReadWritePaths: rootPaths,
      },
    },
    'bindsto-reconcile.service': {
      Unit: {
        Description: 'Install artifacts and ask for certificates',
        ...early('sysinit.target sysinit-reactivation.target'),
        Wants: 'run-artifacts.mount',
        RequiresMountsFor: '/var/lib/acme /var/lib/bindsto',
        After: [
          'local-fs.target run-artifacts.mount systemd-sysusers.service userborn.service',
          // it empties /tmp, where 252 is just making our private /dev
          'systemd-tmpfiles-setup.service',
        ],
        // switches may come as fast as they like
        StartLimitIntervalSec: '0',
        ConditionPathExists: programs.manifest,
      },
      Service: {
        ...oneshot(exec('bindsto-reconcile'), '90s'),
        RemainAfterExit: 'yes',
        RuntimeDirectory: 'bindsto',
        RuntimeDirectoryPreserve: 'yes',
        StateDirectory: 'bindsto',
        StateDirectoryMode: '0755',
        ...rootSandbox,
        ReadWritePaths: rootPaths,
      },
      Install: { WantedBy: 'sysinit.target', RequiredBy: 'sysinit-reactivation.target' },
    },
    'cert-files.service': {
      Unit: {
        Description: 'Write self-signed placeholders where certificates have no files',
        RequiresMountsFor: '/var/lib/acme',
        After: 'bindsto-reconcile.service',
        StartLimitIntervalSec: '0',
      },
      Service: { ...oneshot(exec('cert-files'), '5min'), ...acmeSandbox, ...offline },
    },
    'cert-renew@.service': {
      Unit: {
        Description: 'Issue and renew the certificates of set %i',
        ...certificateWorker,
        After: 'bindsto-reconcile.service cert-files.service',
      },
      Service: {
        // thousands of paced orders; what has been installed when it ends stays
        ...oneshot(exec('cert-renew', '--set', '%i'), '6h'),
        NotifyAccess: 'all',
        ...acmeSandbox,
      },
    },
    'cert@.service': {
      Unit: {
        Description: 'Issue or renew certificate %i',
        ...certificateWorker,
        After: 'bindsto-reconcile.service',
      },
      Service: {
        ...oneshot(exec('cert', '--name', '%i'), '15min'),
        NotifyAccess: 'all',
        ...acmeSandbox,
      },
    },
    'cert-post@.service': {
      Unit: {
        Description: "Run certificate %i's postRun",
        Wants: 'run-artifacts.mount',
        After: 'run-artifacts.mount bindsto-reconcile.service',
        StartLimitIntervalSec: '0',
      },
      Service: { ...oneshot(exec('cert-post', '--name', '%i'), '10min'), ...adminsOwn },
    },
    'artifact@.service': {
      Unit: {
        Description: 'Materialise artifact %i',
        // skipped by its own condition unless something has to be generated
        Wants: 'run-artifacts.mount artifact-generate@%i.service',
        After: 'run-artifacts.mount bindsto-reconcile.service artifact-generate@%i.service',
        StartLimitIntervalSec: '0',
      },
      Service: {
        ...oneshot(exec('artifact', '--name', '%i'), '60s'),
        NotifyAccess: 'all',
        ...rootSandbox,
        ReadWritePaths: rootPaths,
      },
    },
    'artifact-generate@.service': {
      Unit: {
        Description: 'Run the generator of artifact %i',
        After: 'bindsto-reconcile.service run-artifacts.mount',
        // made by reconcile: once per boot, and again when the definition has changed
        ConditionPathExists: '/run/bindsto/generate/%i',
        // a result that waits to be taken: whoever starts artifact@ once more pulls this in again
        ConditionFileNotEmpty: '!/run/artifacts/.generated/%i',
        StartLimitIntervalSec: '0',
      },
      Service: {
        ...oneshot(exec('artifact-generate', '--name', '%i'), '150s'),
        TimeoutStopSec: '5s',
        ...generatorSandbox,
        // one frame, and what it says
        StandardOutput: 'truncate:/run/artifacts/.generated/%i',
        StandardError: 'truncate:/run/bindsto/generator-logs/%i',
        LimitFSIZE: '32M',
        TasksMax: '256',
        MemoryMax: '512M',
        // where no controller counts, these do; half of the latter is V8's for code
        LimitNPROC: '256',
        LimitDATA: '1G',
      },
    },
    'bindsto-invalid@.service': {
      Unit: {
        Description: 'An item of the manifest that cannot be used',
        StartLimitIntervalSec: '0',
      },
      Service: {
        ...oneshot(exec('bindsto-invalid', '--item', '%i'), '30s'),
        ...rootSandbox,
        CapabilityBoundingSet: '',
      },
    },
    'bindsto-apply.service': {
      Unit: {
        Description: 'Start, stop and reload what depends on certificates and artifacts',
        After: 'bindsto-reconcile.service',
        StartLimitIntervalSec: '0',
      },
      Service: {
        ...oneshot(exec('bindsto-apply'), '15min'),
        // one that was killed is repeated; one that has failed has said why
        Restart: 'on-abnormal',
        RestartSec: '10s',
        ...rootSandbox,
        ReadWritePaths: rootPaths,
      },
    },
    'bindsto-watch.service': {
      Unit: {
        Description: 'Tell of changes from outside',
        StartLimitIntervalSec: '0',
      },
      Service: {
        ...oneshot(exec('bindsto-watch'), '60s'),
        ...rootSandbox,
        CapabilityBoundingSet: '',
        ReadWritePaths: '-/run/bindsto/spool',
      },
    },
  };
}

const certificateWorker = { RequiresMountsFor: '/var/lib/acme', StartLimitIntervalSec: '0' };

/** Before sysinit.target, so without the default dependencies, which come after it. */
function early(before: string) {
  return {
    DefaultDependencies: 'no',
    Conflicts: 'shutdown.target',
    Before: `shutdown.target ${before}`,
  };
}

/** A oneshot has no time limit unless it says so: systemd.service(5). */
function oneshot(command: string, limit: string) {
  return { Type: 'oneshot', ExecStart: command, TimeoutStartSec: limit };
}
