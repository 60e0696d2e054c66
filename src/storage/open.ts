import type { Places } from '../host/places.ts';
import { fileStorage } from './file.ts';
import type { Storage } from './storage.ts';

/** The storage that is configured: so far, files. Opening does nothing yet, and nothing has to be closed. */
export function openStorage(places: Pick<Places, 'storage' | 'acmeLocks'>): Storage {
  return fileStorage(places.storage, places.acmeLocks);
}
