import type { BackendName } from '../manifest/schema.ts';
import type { Artifact } from '../manifest/types.ts';

/** What is true of everything that a backend keeps. */
export interface Traits {
  readonly name: BackendName;
  /** Nothing is kept over a reboot: the content is another one then. */
  readonly ephemeral: boolean;
  /** The content is made by a program, which root's own processes MUST NOT run. */
  readonly runsProgram: boolean;
}

/** Where the content of artifacts comes from, on the machine that needs it. */
export interface Backend extends Traits {
  /**
   * What there is for an artifact. MUST be cheap: it is called for every artifact each time,
   * and MUST NOT decrypt anything. Throws 'unavailable' while something is awaited that may
   * still appear, as a file on a file system that is not mounted yet.
   */
  look(artifact: Artifact): Content;
}

export interface Content {
  /**
   * For each file a hash of what it is made from. MUST differ where the content may differ;
   * SHOULD NOT differ otherwise. Empty where nothing but the definition counts.
   */
  readonly fingerprints: Readonly<Record<string, string>>;
  /**
   * MUST return exactly the declared files, or throw a message that names the file and what
   * is missing, and that holds nothing secret. What is returned MUST be what was looked at.
   */
  fetch(): Promise<Contents>;
  /**
   * Called when the content is in place. MUST remove what it was taken from, if that was
   * only for handing it over; MUST NOT fail where there is nothing to remove.
   */
  settle(): void;
}

/** Contents of files by their names. Never to be made a string of. */
export type Contents = ReadonlyMap<string, Buffer>;
