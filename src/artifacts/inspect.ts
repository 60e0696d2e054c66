import { traits } from '../backends/backends.ts';
import { lastAttempt, nextTryOf } from '../host/attempts.ts';
import type { Places } from '../host/places.ts';
import { artifactOnDisk } from '../host/presence.ts';
import type { Artifact } from '../manifest/types.ts';
import { hasFiles } from './placed.ts';
import { lookUpRecord } from './record.ts';

export interface ArtifactState {
  /** The marker is there, and every file that was installed. */
  readonly present: boolean;
  readonly generation: string | undefined;
  /** Made on this machine, and gone with the next boot. */
  readonly ephemeral: boolean;
  /** Why it is not as it is declared; what was installed before may still be present. */
  readonly lastError: { time: string; code: string; message: string } | undefined;
  readonly nextTry: Date | undefined;
  readonly state: 'present' | 'failed' | 'missing';
}

/** What there is of an artifact. Decrypts nothing, and reads no secret. */
export function inspectArtifact(
  places: Places,
  { instance, backend }: Artifact,
  now: Date,
): ArtifactState {
  const record = lookUpRecord(places, instance);
  const present =
    record !== undefined &&
    artifactOnDisk(places, instance).present &&
    hasFiles(places, instance, record);
  const attempt = lastAttempt(places, { kind: 'artifact', instance });
  return {
    present,
    generation: present ? record.generation : undefined,
    ephemeral: traits[backend].ephemeral,
    lastError: attempt && {
      time: attempt.last,
      code: attempt.code,
      message: attempt.message,
    },
    nextTry: attempt && nextTryOf(attempt, now),
    state: present ? 'present' : attempt ? 'failed' : 'missing',
  };
}
