import { instanceOf } from './names.ts';

/** An address as `listenHTTP` has it, and as systemd.socket(5) takes it. */
export const listenPattern =
  /^((?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})?|\[[0-9a-fA-F:.]+\]):([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/;

/** A socket that answers HTTP-01 while it is needed: `acme-http@ID.socket`. */
export interface Listener {
  /** As it stands in the unit's name: the port, or the address and the port. */
  readonly id: string;
  /** What `ListenStream=` is. */
  readonly address: string;
}

/** However an address is written, it is one socket. Undefined for what is none. */
export function listenerOf(listenHTTP: string): Listener | undefined {
  const [, host = '', port] = listenPattern.exec(listenHTTP) ?? [];
  if (port === undefined || (host !== '' && !URL.canParse(`http://${host}/`))) return undefined;
  if (host === '') return { id: port, address: port };
  const { hostname } = new URL(`http://${host}/`);
  const id = instanceOf(`${hostname.replace(/[[\]]/g, '')}:${port}`);
  return { id, address: `${hostname}:${port}` };
}
