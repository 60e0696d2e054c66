import { hostname } from 'node:os';

/** As hostname(1) says it. */
export function machineName(): string {
  return hostname();
}
