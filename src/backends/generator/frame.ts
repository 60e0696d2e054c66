import { BindstoError, type ErrorCode, exitStatus } from '../../errors.ts';
import { sanitize } from '../../host/sanitize.ts';
import type { Artifact } from '../../manifest/types.ts';
import type { Contents } from '../backend.ts';
import { largestFile } from './collect.ts';

/**
 * How a generator's worker hands its result to root: one line of JSON, then the contents of
 * the files one after the other, in that line's order. It was written where the generator
 * could interfere, so it is read as untrusted input, with every check made again.
 */

const longestHead = 64 * 1024;
/** What all files of an artifact, and the line before them, may take together. */
export const largestFrame = 16 * 1024 * 1024;

interface Head {
  readonly version: 1;
  readonly definition: string;
  readonly files?: readonly { readonly name: string; readonly size: number }[];
  readonly failure?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string };
}

export function encodeFrame({ definition }: Artifact, contents: Contents): Buffer {
  const files = Array.from(contents, ([name, data]) => ({ name, size: data.length }));
  const frame = Buffer.concat([headLine({ version: 1, definition, files }), ...contents.values()]);
  if (frame.length <= largestFrame) return frame;
  throw new BindstoError('data', 'the generator wrote more than 16 MiB in all');
}

export function encodeFailure({ definition }: Artifact, error: BindstoError): Buffer {
  const { code, message, hint } = error;
  const failure = { code, message, ...(hint === undefined ? {} : { hint }) };
  return headLine({ version: 1, definition, failure });
}

/**
 * The files of a frame; undefined when it was made for another definition. Throws the
 * failure that it reports, and 'data' for a frame that is damaged.
 */
export function decodeFrame(artifact: Artifact, frame: Buffer): Contents | undefined {
  const end = frame.subarray(0, longestHead).indexOf(0x0a);
  if (end < 0) throw damaged('its first line has no end');
  const head = parseHead(frame.subarray(0, end));
  if (head.definition !== artifact.definition) return undefined;
  if (head.failure !== undefined) throw reported(head.failure);
  return split(head.files, frame.subarray(end + 1), artifact);
}

function headLine(head: Head): Buffer {
  const line = Buffer.from(`${JSON.stringify(head)}\n`);
  if (line.length <= longestHead) return line;
  throw new BindstoError('data', 'the names of the files take more than 64 KiB');
}

function parseHead(line: Buffer): { definition?: unknown; files?: unknown; failure?: unknown } {
  try {
    const head = JSON.parse(line.toString('utf8'));
    if (head?.version === 1) return head;
  } catch {
    // The parser's own message would quote the text.
  }
  throw damaged('its first line is not that of a frame');
}

function split(files: unknown, data: Buffer, artifact: Artifact): Contents {
  if (!Array.isArray(files)) throw damaged('it lists no files');
  const declared = new Set(artifact.files.map((file) => file.name));
  const contents = new Map<string, Buffer>();
  let offset = 0;
  for (const file of files) {
    const { name, size } = (file ?? {}) as { name?: unknown; size?: unknown };
    if (typeof name !== 'string' || !declared.delete(name)) throw damaged('a file is undeclared');
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > largestFile) {
      throw damaged('a file is larger than 1 MiB');
    }
    contents.set(name, data.subarray(offset, offset + size));
    offset += size;
  }
  if (declared.size > 0 || offset !== data.length) throw damaged('files are missing');
  return contents;
}

function reported(failure: unknown): BindstoError {
  const { code, message, hint } = (failure ?? {}) as Record<string, unknown>;
  return new BindstoError(isErrorCode(code) ? code : 'data', sanitize(String(message)), {
    ...(typeof hint === 'string' ? { hint: sanitize(hint) } : {}),
  });
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(exitStatus, code);
}

function damaged(found: string): BindstoError {
  return new BindstoError('data', `the result of the generator is damaged: ${found}`);
}
