/**
 * What systemd runs at every daemon-reload: a shell that is done at once where there is no
 * manifest (a link to nowhere is one, to be told of), and a watchdog outside of Node's
 * process, whose own timers would not fire while a read hangs. PID 1 itself waits 90 s for
 * its generators. Its environment is handed on to them, but not to Node's start.
 */
export function generatorGuard(options: {
  readonly node: string;
  readonly program: string;
  /** May use `$USER`, for the generator of user managers. */
  readonly manifest: string;
}): string {
  const { node, program, manifest } = options;
  return `#!/bin/sh
[ -e "${manifest}" ] || [ -L "${manifest}" ] || exit 0
unset NODE_OPTIONS NODE_EXTRA_CA_CERTS
exec timeout --kill-after=1 10 ${node} ${flags} ${program} "${manifest}" "$@"
`;
}

/** Nobody reads warnings here, and V8's optimiser takes longer than the whole run. */
const flags = '--no-warnings --no-opt';
