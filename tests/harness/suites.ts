import { inRepository } from './repository.ts';

/** A Debian whose systemd the tests boot, and the Node that workers use there. */
export interface Suite {
  readonly name: 'bookworm' | 'trixie';
  readonly systemd: 252 | 257;
  readonly node: 20 | 24;
}

export const bookworm: Suite = { name: 'bookworm', systemd: 252, node: 20 };
export const trixie: Suite = { name: 'trixie', systemd: 257, node: 24 };
export const suites: readonly Suite[] = [bookworm, trixie];

/** The suite that this run of the tests is for: `npm test` runs every system test once for each. */
export function thisSuite(): Suite {
  const wanted = process.env.BINDSTO_TEST_SUITE ?? trixie.name;
  const suite = suites.find(({ name }) => name === wanted);
  if (suite === undefined)
    throw new Error(`BINDSTO_TEST_SUITE: no suite ${JSON.stringify(wanted)}`);
  return suite;
}

/** The self-contained binary of a Node release, from `tests/nodes`. */
export function nodeBinary(release: 20 | 24): string {
  return inRepository(`tests/nodes/node_modules/node${release}-${process.arch}/bin/node`);
}
