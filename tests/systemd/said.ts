import type { Container } from '../harness/container.ts';

/** What our processes log in this boot from now on. */
export async function listen(host: Container): Promise<() => Promise<string>> {
  const read = () => host.journal('--identifier=node');
  const before = (await read()).length;
  return async () => (await read()).slice(before);
}
