/** For messages too: `another process is working on artifact x`. */
export function lockName(instance: string): string {
  return `artifact ${instance}`;
}
