import { addedByDropIns, instancesWithDropIns } from '../host/bound-units.ts';
import type { ItemStatus } from '../presence/status.ts';

/** A path that a worker may write to besides the usual ones, and the file that says so. */
export interface Widening {
  readonly unit: string;
  readonly path: string;
  readonly file: string;
}

const workers: Readonly<Record<ItemStatus['kind'], readonly string[]>> = {
  certificate: ['cert@.service', 'cert-renew@.service', 'cert-files.service'],
  artifact: [
    'artifact@.service',
    'bindsto-users.service',
    'bindsto-reconcile.service',
    'bindsto-apply.service',
  ],
};

/** Workers are shut in tightly; where a drop-in gives them more room, people should see it. */
export function widenedSandboxes(root: string, kind?: ItemStatus['kind']): Widening[] {
  const units = kind === undefined ? Object.values(workers).flat() : workers[kind];
  return units
    .flatMap((unit) => [unit, ...batchesOf(root, unit)])
    .flatMap((unit) =>
      addedByDropIns(root, unit, 'Service', 'ReadWritePaths').map(({ word, file }) => ({
        unit,
        path: word.replace(/^[-+]+/, '').replaceAll('%%', '%'),
        file,
      })),
    );
}

/** Sets are few. Certificates with a drop-in of their own may be thousands, and have no more than their set. */
function batchesOf(root: string, unit: string): readonly string[] {
  return unit === 'cert-renew@.service' ? instancesWithDropIns(root, unit) : [];
}

/** A line for each path, for people. */
export function widenedLines(widened: readonly Widening[]): string[] {
  const paths = [...new Set(widened.map(({ path }) => path))];
  return paths.map((path) => {
    const units = widened.filter((each) => each.path === path).map(({ unit }) => unit);
    return `${path} may also be written to by ${units.join(', ')}`;
  });
}
