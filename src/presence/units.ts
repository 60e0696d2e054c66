import type { ItemKind } from '../manifest/types.ts';

/** An item, by what its units and state paths call it. */
export interface ItemId {
  readonly kind: ItemKind;
  readonly instance: string;
}

export const presencePatterns = ['cert@*.target', 'cert-files@*.target', 'artifact@*.target'];

export function keyOf({ kind, instance }: ItemId): string {
  return `${kind}:${instance}`;
}

export function targetOf({ kind, instance }: ItemId): string {
  return `${kind === 'certificate' ? 'cert' : 'artifact'}@${instance}.target`;
}

/** Active while certificate files exist, a placeholder included. */
export function filesTargetOf({ instance }: ItemId): string {
  return `cert-files@${instance}.target`;
}

export function workerOf({ kind, instance }: ItemId): string {
  return `${kind === 'certificate' ? 'cert' : 'artifact'}@${instance}.service`;
}

export function batchOf(set: string): string {
  return `cert-renew@${set}.service`;
}

export function isFilesTarget(target: string): boolean {
  return target.startsWith('cert-files@');
}

/** The item of one of the three presence targets; undefined for any other unit. */
export function itemOfTarget(unit: string): ItemId | undefined {
  const [, prefix, instance] = /^(cert|cert-files|artifact)@(.+)\.target$/.exec(unit) ?? [];
  if (prefix === undefined || instance === undefined) return undefined;
  return { kind: prefix === 'artifact' ? 'artifact' : 'certificate', instance };
}
