/** Where programs are, as units name them: absolute paths without blanks. */
export interface Programs {
  readonly node: string;
  /** The directory that holds `workers/`. */
  readonly lib: string;
  readonly manifest: string;
}

/** A worker's command line. Secrets never stand in it: only names and paths. */
export function execWorker(programs: Programs, worker: string, ...args: string[]): string {
  const { node, lib, manifest } = programs;
  return [node, `${lib}/workers/${worker}.js`, '--manifest', manifest, ...args].join(' ');
}
