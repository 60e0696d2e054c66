import { writeEntry } from '../../../src/host/spool.ts';

/** Puts entries with one item each into a spool, as fast as it can. */
const [spool = '', prefix = '', count = ''] = process.argv.slice(2);
for (let index = 0; index < Number(count); index++) {
  writeEntry(spool, [{ kind: 'certificate', instance: `${prefix}-${index}` }]);
}
