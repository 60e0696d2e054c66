import { isSameAddress, type Listener, listenersOn } from '../../host/listeners.ts';
import { isAcme } from '../../manifest/issuers.ts';
import { askRoot, type Check, type Finding, notRunning, problem, unknown } from './check.ts';

const ours = /^acme-http@.*\.socket$/;

/** Where bindsto itself is to listen, somebody else may do so already. */
export const port: Check = {
  name: 'port',
  async look({ session: { machine }, certificates }) {
    if (machine === undefined) return notRunning;
    const addresses = new Set(
      certificates.flatMap(({ challenge, issuers }) =>
        challenge?.kind === 'listen' && issuers.some(isAcme) ? [challenge.address] : [],
      ),
    );
    if (addresses.size === 0) return { fine: 'bindsto is to listen nowhere', findings: [] };
    const sockets = await machine.systemd.list(['acme-http@*.socket']);
    const isOpen = [...sockets].some(([unit, state]) => ours.test(unit) && state === 'active');
    const findings = [...addresses].flatMap((address) => portFindings(address, isOpen));
    return { fine: `${[...addresses].join(', ')}: free`, findings };
  },
};

function portFindings(address: string, isOpen: boolean): Finding[] {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  const listeners = listenersOn(Number(address.slice(at + 1)));
  const others = listeners.filter(
    (each) => isSameAddress(each.address, host) && !(isOpen && isOurs(each)),
  );
  const [first] = others;
  return first === undefined ? [] : [taken(address, first)];
}

/** A socket unit is PID 1's until its service has it. */
function isOurs({ holder }: Listener): boolean {
  return holder === undefined || holder.pid === 1 || /^acme-http@/.test(holder.unit ?? '');
}

function taken(address: string, { holder }: Listener): Finding {
  if (holder === undefined) return unknown(address, 'somebody listens there', askRoot);
  const { name, pid, unit } = holder;
  const whose = unit === undefined ? '' : `, ${unit}`;
  return problem(
    address,
    `${name} (pid ${pid}${whose}) listens there`,
    'let that server answer the challenge (webroot, or challenge = "http-storage"), or end it',
  );
}
