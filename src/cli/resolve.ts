import { BindstoError } from '../errors.ts';
import type { ItemStatus } from '../presence/status.ts';
import { UnknownNameError } from './exit.ts';
import { labelOf } from './item-words.ts';
import { didYouMean, nearest } from './nearest.ts';

type Named = Pick<ItemStatus, 'kind' | 'name' | 'instance'>;

/**
 * The item that a name stands for: the name of the configuration, the one in unit names, or
 * that of a unit. `cert@` or `artifact@` in front tells a certificate from an artifact.
 *
 * @throws UnknownNameError; BindstoError `usage` where two items have the name
 */
export function resolveName<T extends Named>(name: string, items: readonly T[]): T {
  const named = items.filter((item) => item.name === name || item.instance === name);
  const [first, second] = named.length > 0 ? named : items.filter((item) => isUnitOf(item, name));
  if (first === undefined) throw unknown(name, items);
  if (second === undefined) return first;
  const labels = [labelOf(first), labelOf(second)].sort().map((label) => `'${label}'`);
  throw new BindstoError('usage', `${JSON.stringify(name)} is a certificate and an artifact`, {
    hint: `say which: ${labels.reverse().join(' or ')}`,
  });
}

function isUnitOf({ kind, name, instance }: Named, unit: string): boolean {
  const [, prefix, rest] = /^(cert|cert-files|artifact|artifact-generate)@(.+)$/.exec(unit) ?? [];
  if (rest === undefined || prefix?.startsWith('cert') !== (kind === 'certificate')) return false;
  const bare = rest.replace(/\.(?:target|service)$/, '');
  return [rest, bare].some((each) => each === name || each === instance);
}

/** Somebody who says of which kind it is may have meant the other one. */
function unknown(name: string, items: readonly Named[]): UnknownNameError {
  const bare = name.replace(/^(?:cert|cert-files|artifact|artifact-generate)@/, '');
  const names = nearest(
    bare,
    items.map((item) => item.name),
  );
  const labels = items.filter((item) => names.includes(item.name)).map(labelOf);
  const meant = didYouMean(bare === name ? names : labels);
  return new UnknownNameError(name, meant ?? "'bindsto list' shows all of them");
}
