/** Makes the trees that are missing: `npm test` does so before the tests need them. */
import { serverTree } from './servers.ts';
import { suites } from './suites.ts';
import { tree } from './tree.ts';

for (const suite of suites) {
  await tree(suite);
  await serverTree(suite);
}
