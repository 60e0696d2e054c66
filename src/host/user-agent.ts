import { version } from './version.ts';

/** RFC 9110 section 10.1.5; RFC 8555 section 6.1 wants the name of the library, too. */
export function userAgent(library: string): string {
  return `bindsto/${version} ${library} node/${process.versions.node}`;
}
