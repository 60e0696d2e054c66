import { toBindstoError } from '../errors.ts';
import { logFromGenerator } from './generator-log.ts';
import { readManifestFile } from './manifest-file.ts';
import { writeUnitFiles } from './unit-files.ts';

/** What a generator makes of a manifest: all its files, and what to say of it. */
export interface Planned {
  readonly files: Parameters<typeof writeUnitFiles>[1];
  readonly warning: string | undefined;
}

/**
 * The frame of a generator, see systemd.generator(7). Everything is planned before the first
 * write; without a plan nothing is written, one line is logged, and the boot goes on.
 *
 * @param normal the directory for units that an administrator's own override
 * @returns the exit status
 */
export async function runGenerator(
  manifest: string,
  normal: string,
  uid: number,
  plan: (text: string) => Planned,
): Promise<number> {
  try {
    const { files, warning } = plan(readManifestFile(manifest, uid));
    writeUnitFiles(normal, files);
    if (warning !== undefined) await logFromGenerator(warning);
    return 0;
  } catch (error) {
    await logFromGenerator(toBindstoError(error).message);
    return 1;
  }
}
