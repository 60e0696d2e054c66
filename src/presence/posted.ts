import { join } from 'node:path';
import { notePosted, postedOf } from '../certificates/posted.ts';
import { discard } from '../host/files.ts';
import type { Places } from '../host/places.ts';
import { namesIn } from '../host/presence.ts';
import type { Found } from './look.ts';

/**
 * Takes certificates as they are when they are first seen: what is to be done after a change is
 * done after the next one. What is no longer declared is forgotten.
 */
export function beginPosts(places: Places, found: readonly Found[]): void {
  const posting = found.filter(hasPost);
  const declared = new Set(posting.map(({ item }) => item.instance));
  for (const name of namesIn(places.posted)) {
    if (!declared.has(name)) discard(join(places.posted, name));
  }
  for (const { item, generation = '' } of posting) {
    if (postedOf(places, item.instance) === undefined) {
      notePosted(places, item.instance, { generation });
    }
  }
}

/** Whether a certificate was issued since, and installed. */
export function isToPost(places: Places, each: Found): boolean {
  if (!hasPost(each) || !each.present || each.generation === undefined) return false;
  const posted = postedOf(places, each.item.instance);
  return posted !== undefined && posted.generation !== each.generation;
}

function hasPost({ declaration }: Found): boolean {
  return declaration?.post !== undefined;
}
