import { execWorker, type Programs } from './programs.ts';
import { acmeSandbox, offline } from './sandbox.ts';
import type { Sections } from './text.ts';

/** Of the responder: it faces the internet, and can read the answers to challenges alone. */
export const responderUser = 'acme-challenge';

/**
 * What answers HTTP-01 out of storage: behind web servers on a unix socket, for `listenHTTP` on
 * a TCP socket that is open only while a worker wants it. Neither listens unless the generator
 * sees a certificate that needs it; it says at which address.
 */
export function acmeUnits(programs: Programs): Readonly<Record<string, Sections>> {
  const service = responder(programs);
  return {
    'acme-challenge.socket': {
      Unit: { Description: 'Answers to ACME challenges, for web servers' },
      Socket: {
        ListenStream: '/run/acme-challenge.sock',
        SocketMode: '0666',
        RemoveOnStop: 'yes',
        ...neverGivesUp,
      },
    },
    'acme-challenge.service': {
      Unit: {
        Description: 'Answer ACME challenges that web servers pass on',
        Requires: 'acme-challenge.socket',
        After: 'acme-challenge.socket',
        ...responderUnit,
      },
      Service: service,
    },
    'acme-http@.socket': {
      Unit: {
        Description: 'Port %i for ACME challenges, while they are answered',
        StopWhenUnneeded: 'yes',
      },
      Socket: { FreeBind: 'yes', ...neverGivesUp },
    },
    'acme-http@.service': {
      Unit: {
        Description: 'Answer ACME challenges on port %i',
        // not BindsTo=: it would be one who needs the socket, and keep it open
        PartOf: 'acme-http@%i.socket',
        After: 'acme-http@%i.socket',
        ...responderUnit,
      },
      Service: service,
    },
  };
}

/** A socket that has started too many services is dead until somebody starts it. */
const neverGivesUp = { TriggerLimitIntervalSec: '0' };

const responderUnit = { RequiresMountsFor: '/var/lib/acme', StartLimitIntervalSec: '0' };

const { ReadWritePaths: _, ...sandbox } = acmeSandbox;

function responder(programs: Programs): Readonly<Record<string, string | readonly string[]>> {
  return {
    Type: 'exec',
    ExecStart: execWorker(programs, 'acme-challenge', '--idle-seconds', '20'),
    TimeoutStopSec: '5s',
    // with a connection that waits, it would start again and again at once
    Restart: 'on-failure',
    RestartSec: '1s',
    ...sandbox,
    ...offline,
    User: responderUser,
    Group: responderUser,
    // sockets are handed to it, and it makes none
    RestrictAddressFamilies: 'none',
    PrivateUsers: 'yes',
    PrivateIPC: 'yes',
    // of /var, the tokens, in directories that its group may pass through; accounts beside them, it may not
    TemporaryFileSystem: '/var:ro',
    BindReadOnlyPaths: '-/var/lib/acme/.certmagic/acme',
    InaccessiblePaths: `${sandbox.InaccessiblePaths} /tmp -/run/bindsto -/run/artifacts`,
    TasksMax: '32',
    MemoryMax: '160M',
    LimitNOFILE: '1024',
    UMask: '0077',
  };
}
