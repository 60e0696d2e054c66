import type { ItemStatus } from '../presence/status.ts';

export interface Counts {
  readonly declared: number;
  readonly present: number;
}

export function countsOf(
  items: readonly ItemStatus[],
): Readonly<Record<'certificates' | 'artifacts', Counts>> {
  const of = (kind: ItemStatus['kind']) => {
    const declared = items.filter((item) => item.kind === kind);
    return { declared: declared.length, present: declared.filter(({ present }) => present).length };
  };
  return { certificates: of('certificate'), artifacts: of('artifact') };
}

/** `1 certificate`, `2 certificates`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
