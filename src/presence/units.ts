import { createHash } from 'node:crypto';
import type { BadItem, ItemKind } from '../manifest/types.ts';

/** An item, by what its units and state paths call it. */
export interface ItemId {
  readonly kind: ItemKind;
  readonly instance: string;
}

export const presencePatterns = ['cert@*.target', 'cert-files@*.target', 'artifact@*.target'];

export const reconcileUnit = 'bindsto-reconcile.service';

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

/** What is to be done after a change of a certificate. */
export function postUnitOf({ instance }: ItemId): string {
  return `cert-post@${instance}.service`;
}

export function batchOf(set: string): string {
  return `cert-renew@${set}.service`;
}

/** By its `ActiveState`: it runs, or is about to. */
export function isRunning(state: string | undefined): boolean {
  return /^(?:active|activating|reloading|refreshing)$/.test(state ?? '');
}

/**
 * What people call a unit, completed as systemctl(1) does: a name without a type is a
 * service's. Undefined for a template and for what cannot be a unit's name (systemd.unit(5)).
 */
export function unitName(name: string): string | undefined {
  const full = types.test(name) ? name : `${name}.service`;
  return full.length < 256 && /^[\w:.\\-]+(?:@[\w:.\\@-]+)?\.[a-z]+$/.test(full) ? full : undefined;
}

const types = /\.(?:service|socket|target|path|timer|mount|automount|swap|slice|scope|device)$/;

export function isFilesTarget(target: string): boolean {
  return target.startsWith('cert-files@');
}

/** The item of one of the three presence targets; undefined for any other unit. */
export function itemOfTarget(unit: string): ItemId | undefined {
  const [, prefix, instance] = /^(cert|cert-files|artifact)@(.+)\.target$/.exec(unit) ?? [];
  if (prefix === undefined || instance === undefined) return undefined;
  return { kind: prefix === 'artifact' ? 'artifact' : 'certificate', instance };
}

/** Stands for an item whose name cannot: `bindsto-invalid@ID.service`. */
export function invalidId({ kind, name }: Pick<BadItem, 'kind' | 'name'>): string {
  return createHash('sha256').update(`${kind}:${name}`).digest('hex').slice(0, 16);
}

/** The unit that fails and says what is wrong with an item. */
export function unitOfBadItem({ kind, name, instance }: BadItem): string {
  if (instance !== undefined) return workerOf({ kind, instance });
  return `bindsto-invalid@${invalidId({ kind, name })}.service`;
}
