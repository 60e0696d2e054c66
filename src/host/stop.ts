/** Aborted when the process is told to end, by systemd or by Ctrl-C; a second time ends it at once. */
export function stopSignal(process: Pick<NodeJS.Process, 'once'>): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}
