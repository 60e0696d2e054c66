import type { Sections } from './text.ts';

/**
 * Presence is a template target with conditions: PID 1 decides by looking at paths, no
 * process runs, and one loaded unit stands for each item. `X-OnlyManualStart=` keeps
 * NixOS' switch from starting them by itself.
 */
export const presenceTargets: Readonly<Record<string, Sections>> = {
  'cert@.target': {
    Unit: {
      Description: 'Certificate %i is issued and installed',
      ConditionPathExists: ['acme-success', 'fullchain.pem', 'key.pem'].map(certificateFile),
      RequiresMountsFor: '/var/lib/acme',
      After: 'local-fs.target',
      'X-OnlyManualStart': 'yes',
    },
  },
  'cert-files@.target': {
    Unit: {
      Description: 'Files of certificate %i exist',
      ConditionPathExists: ['fullchain.pem', 'key.pem'].map(certificateFile),
      RequiresMountsFor: '/var/lib/acme',
      After: 'local-fs.target bindsto-reconcile.service cert-files.service',
      'X-OnlyManualStart': 'yes',
    },
  },
  'artifact@.target': artifactTarget('/run'),
};

export function artifactTarget(runtimeDirectory: string): Sections {
  return {
    Unit: {
      Description: 'Artifact %i is in place',
      ConditionPathExists: [
        `${runtimeDirectory}/bindsto/present/%i`,
        `${runtimeDirectory}/artifacts/%i`,
      ],
      Wants: 'bindsto-reconcile.service',
      After: 'bindsto-reconcile.service',
      'X-OnlyManualStart': 'yes',
    },
  };
}

/** They want what the generator lists in one drop-in each, and hold up no boot. */
export const aggregateTargets: Readonly<Record<string, Sections>> = {
  'certs.target': aggregate('All certificates'),
  'artifacts.target': aggregate('All artifacts'),
};

function aggregate(description: string): Sections {
  return {
    Unit: {
      Description: description,
      DefaultDependencies: 'no',
      Conflicts: 'shutdown.target',
      Before: 'shutdown.target',
    },
  };
}

function certificateFile(file: string): string {
  return `/var/lib/acme/%i/${file}`;
}
