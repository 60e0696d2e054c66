import { challenge } from './challenge.ts';
import type { Check } from './check.ts';
import { clock } from './clock.ts';
import { credential } from './credential.ts';
import { group } from './group.ts';
import { key } from './key.ts';
import { names } from './names.ts';
import { order } from './order.ts';
import { port } from './port.ts';
import { state } from './state.ts';
import { paths, timer } from './units.ts';

/** In the order in which one mends things: the host, its configuration, the way from the internet. */
export const checks: readonly Check[] = [
  ...[clock, state, timer, paths],
  ...[group, credential, key, order],
  ...[port, names, challenge],
];
