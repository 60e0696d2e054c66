import { toBindstoError } from '../errors.ts';
import { writeEntry } from '../host/spool.ts';
import type { CertificateContext } from './context.ts';

/** Tells `bindsto-apply` what has changed, while a long run goes on and at its end. */
export interface Changes extends Disposable {
  add(instance: string): void;
}

const pauseMs = 1000;

/** At most one entry a second, and none where there is nothing to tell. */
export function changesOf({ places, log }: Pick<CertificateContext, 'places' | 'log'>): Changes {
  let items: { kind: 'certificate'; instance: string }[] = [];
  let last = performance.now();
  const flush = () => {
    last = performance.now();
    if (items.length === 0) return;
    try {
      writeEntry(places.acmeSpool, items);
      items = [];
    } catch (error) {
      // What is installed is installed; the timer makes apply look at everything.
      log.warning(`waking bindsto-apply: ${toBindstoError(error).message}`);
    }
  };
  return {
    add(instance) {
      items.push({ kind: 'certificate', instance });
      if (performance.now() - last >= pauseMs) flush();
    },
    [Symbol.dispose]: flush,
  };
}
