import type { UnitFile } from '../src/units/text.ts';

/** Where both forms below look for an item. */
export const itemsPlace = '/var/lib/items';

/** A directory of units, with links beside the files. */
export interface Form {
  readonly files: readonly UnitFile[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

const wanted = {
  path: 'multi-user.target.wants/all-items.target',
  target: '../all-items.target',
};

/** The least that systemd can do for an item: an instance of a template target with one condition. */
export function bareTargets(names: readonly string[]): Form {
  const instances = names.map((name) => `Wants=bare@${name}.target\n`);
  return {
    files: [
      {
        path: 'bare@.target',
        text: `[Unit]\nDescription=Item %i\nConditionPathExists=${itemsPlace}/%i\n`,
      },
      { path: 'all-items.target', text: `[Unit]\nDescription=All items\n${instances.join('')}` },
    ],
    links: [wanted],
  };
}

/**
 * Four full units for an item, as NixOS' own module has them for a certificate, with
 * directories and a sandbox of their own. Everything is there, so that conditions keep PID 1
 * from starting a process.
 */
export function fullUnits(names: readonly string[]): Form {
  const links = names.flatMap((name) => [
    {
      path: `all-items.target.wants/finished-${name}.target`,
      target: `../finished-${name}.target`,
    },
    { path: `all-items.target.wants/renew-${name}.timer`, target: `../renew-${name}.timer` },
  ]);
  const all = { path: 'all-items.target', text: '[Unit]\nDescription=All items\n' };
  return { files: [all, ...names.flatMap(unitsOf)], links: [wanted, ...links] };
}

function unitsOf(name: string): UnitFile[] {
  const issue = `issue-${name}.service`;
  return [
    {
      path: issue,
      text: `[Unit]
Description=Ensure certificate for ${name}
After=local-fs.target
ConditionPathExists=!${itemsPlace}/${name}
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/true
RemainAfterExit=yes
StateDirectory=items/${name}
BindPaths=/var/lib/items/.ca:/tmp/ca /var/lib/items/${name}:/tmp/${name}
${hardened}`,
    },
    {
      path: `renew-${name}.service`,
      text: `[Unit]
Description=Order (and renew) certificate for ${name}
After=network.target network-online.target nss-lookup.target ${issue}
Wants=network-online.target ${issue}
[Service]
ExecStart=/bin/true
ExecStartPost=+/bin/true
RestartSec=15min
StateDirectory=items/${name} items/.client/${name} items/.client/${name}/work items/.client/account
BindPaths=/var/lib/items/.client/account:/tmp/account /var/lib/items/${name}:/tmp/out /var/lib/items/.client/${name}/work:/tmp/work
${hardened}`,
    },
    {
      path: `finished-${name}.target`,
      text: `[Unit]
Description=Certificate for ${name} is there
Wants=${issue}
After=${issue}
ConditionPathExists=${itemsPlace}/${name}
`,
    },
    {
      path: `renew-${name}.timer`,
      text: `[Unit]
Description=Renew certificate for ${name}
[Timer]
Unit=renew-${name}.service
OnCalendar=daily
Persistent=yes
AccuracySec=600s
RandomizedDelaySec=24h
FixedRandomDelay=yes
`,
    },
  ];
}

const hardened = `Type=oneshot
User=daemon
Group=daemon
UMask=0027
StateDirectoryMode=750
WorkingDirectory=/tmp
Environment=PATH=/usr/bin:/bin LOCALE_ARCHIVE=/usr/lib/locale/locale-archive TZDIR=/usr/share/zoneinfo
ProtectSystem=strict
ReadWritePaths=/var/lib
PrivateTmp=yes
CapabilityBoundingSet=
DevicePolicy=closed
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHome=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
`;
