import { join } from 'node:path';
import { discard, ensureDirectory, writeAtomically } from '../host/files.ts';
import { readJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';
import { namesIn } from '../host/presence.ts';
import type { Found } from './look.ts';

/** Bytes; a generation has a few dozen. */
const largest = 1024;

/**
 * Takes certificates as they are when they are first seen: what is to be done after a change is
 * done after the next one. What is no longer declared is forgotten. The record outlives a
 * reboot, so that a power cut makes nobody miss a change.
 */
export function beginPosts(places: Places, found: readonly Found[]): void {
  const declared = new Set(found.flatMap((each) => (hasPost(each) ? [each.item.instance] : [])));
  if (declared.size === 0 && namesIn(places.posted).length === 0) return;
  ensureDirectory(places.posted, 0o755);
  for (const name of namesIn(places.posted)) {
    if (!declared.has(name)) discard(join(places.posted, name));
  }
  for (const { item, generation } of found.filter(hasPost)) {
    if (postedOf(places, item.instance) === undefined)
      notePosted(places, item.instance, generation);
  }
}

/** Whether a certificate was issued since, and installed. */
export function isToPost(places: Places, each: Found): boolean {
  if (!hasPost(each) || !each.present || each.generation === undefined) return false;
  const posted = postedOf(places, each.item.instance);
  return posted !== undefined && posted !== each.generation;
}

export function notePosted(places: Places, instance: string, generation: string | undefined): void {
  const text = `${JSON.stringify({ generation: generation ?? '' })}\n`;
  writeAtomically(join(places.posted, instance), text, { mode: 0o644 });
}

function hasPost({ declaration }: Found): boolean {
  return declaration?.post !== undefined;
}

function postedOf(places: Places, instance: string): string | undefined {
  const record = readJson(join(places.posted, instance), largest) as { generation?: string };
  return record?.generation;
}
