import { setTimeout as sleep } from 'node:timers/promises';
import { claimEntries } from '../../../src/host/spool.ts';

/** Claims until it is told to stop, and then says what it has claimed. */
const [spool = '', claimed = '', quarantine = ''] = process.argv.slice(2);
const instances: string[] = [];
const claim = () => {
  for (const { items } of claimEntries(spool, claimed, quarantine)) {
    instances.push(...items.map(({ instance }) => instance));
  }
};
let told = false;
process.once('message', () => {
  told = true;
});
while (!told) {
  claim();
  await sleep(1);
}
claim();
process.send?.(instances, () => process.disconnect());
