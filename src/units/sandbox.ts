/** PID 1's own environment is handed on to services, and these would run code, print secrets or trust anybody. */
const unwelcome = [
  ...['OPTIONS', 'PATH', 'DEBUG', 'DEBUG_NATIVE', 'V8_COVERAGE', 'COMPILE_CACHE'],
  ...['REDIRECT_WARNINGS', 'EXTRA_CA_CERTS', 'TLS_REJECT_UNAUTHORIZED'],
]
  .map((name) => `NODE_${name}`)
  .concat('OPENSSL_CONF', 'OPENSSL_MODULES')
  .join(' ');

/**
 * What every worker lives without (systemd.exec(5)). Two usual lines are missing:
 * `MemoryDenyWriteExecute=`, which kills V8's JIT, and `RestrictSUIDSGID=`, which would
 * forbid the setgid directories that give certificate files their group.
 */
const common = {
  NoNewPrivileges: 'yes',
  ProtectSystem: 'strict',
  // `strict` leaves out what is mounted for a protected /proc, and that is /run too; and /dev
  ReadOnlyPaths: '/run',
  InaccessiblePaths: '-/dev/shm',
  ProtectHome: 'yes',
  PrivateDevices: 'yes',
  DevicePolicy: 'closed',
  ProtectClock: 'yes',
  ProtectHostname: 'yes',
  ProtectKernelLogs: 'yes',
  ProtectKernelModules: 'yes',
  ProtectKernelTunables: 'yes',
  ProtectControlGroups: 'yes',
  RestrictNamespaces: 'yes',
  RestrictRealtime: 'yes',
  LockPersonality: 'yes',
  KeyringMode: 'private',
  RemoveIPC: 'yes',
  SystemCallArchitectures: 'native',
  SystemCallFilter: ['@system-service', '~@privileged @resources'],
  SystemCallErrorNumber: 'EPERM',
  LimitCORE: '0',
  CoredumpFilter: '0',
  MemorySwapMax: '0',
  UnsetEnvironment: unwelcome,
};

/** No network: not even a loopback of the host. Unix sockets alone stay, for systemctl and locks. */
export const offline = { PrivateNetwork: 'yes', RestrictAddressFamilies: ['', 'AF_UNIX'] };

/** Root that gives files to others: the four capabilities that this takes, and no network. */
export const rootSandbox = {
  ...common,
  ...offline,
  ProtectHome: 'read-only',
  CapabilityBoundingSet: 'CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID',
  // @chown is part of @privileged; the last line wins
  SystemCallFilter: ['@system-service', '~@privileged @resources', '@chown'],
  UMask: '0077',
};

/** The admin's own script: root, with a network and all rights; only its environment and its memory are kept clean. */
export const adminsOwn = {
  // as in NixOS' own module: what it writes is often for another service to read
  UMask: '0022',
  LimitCORE: '0',
  CoredumpFilter: '0',
  MemorySwapMax: '0',
  UnsetEnvironment: unwelcome,
};

/** The user of certificates: writes below /var/lib/acme and wakes apply, no more. */
export const acmeSandbox = {
  ...common,
  User: 'acme',
  Group: 'acme',
  CapabilityBoundingSet: '',
  RestrictAddressFamilies: 'AF_INET AF_INET6 AF_NETLINK AF_UNIX',
  RestrictSUIDSGID: 'yes',
  ProtectProc: 'invisible',
  ProcSubset: 'pid',
  UMask: '0027',
  ReadWritePaths: '-/var/lib/acme -/run/bindsto/spool-acme -/run/bindsto/locks-acme',
};

/**
 * A program that somebody else wrote, run as nobody in particular. All that it may write is
 * a small file system of its own, which is never swapped out and vanishes with it. On 252,
 * /tmp and /var/tmp are on a disk even for a dynamic user, so they are closed: $TMPDIR is not.
 */
export const generatorSandbox = {
  ...common,
  ...offline,
  DynamicUser: 'yes',
  PrivateIPC: 'yes',
  TemporaryFileSystem: '/run/bindsto/work:size=32M,nr_inodes=4k,mode=1777,nodev,nosuid',
  InaccessiblePaths: [
    ...[common.InaccessiblePaths, '/tmp', '/var/tmp'],
    ...['-/run/artifacts', '-/var/lib/acme', '-/var/lib/bindsto'],
  ].join(' '),
  CapabilityBoundingSet: '',
  RestrictSUIDSGID: 'yes',
  ProtectProc: 'invisible',
  ProcSubset: 'pid',
  PrivateUsers: 'yes',
  UMask: '0077',
};
