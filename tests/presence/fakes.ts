import { placesOf } from '../../src/host/places.ts';
import { noSystemd, type Properties, type Systemd } from '../../src/host/systemctl.ts';
import type { Manifest } from '../../src/manifest/types.ts';
import type { Context } from '../../src/presence/context.ts';
import type { Declaration } from '../../src/presence/declared.ts';
import type { Found } from '../../src/presence/look.ts';

/** A host below a directory, with a service manager that only takes notes, and a clock that is set by hand. */
export interface FakeHost {
  readonly context: Context;
  /** What was asked for, as in `start cert-renew@local.service`. */
  readonly asked: string[];
  readonly warnings: string[];
  /** Seconds from now; undefined: no timer. */
  timer: number | undefined;
  readonly units: Map<string, Properties>;
  now: Date;
}

export const begin = new Date('2026-11-21T12:00:00Z');

export function fakeHost(root: string, manifest: Partial<Manifest> = {}): FakeHost {
  const asked: string[] = [];
  const warnings: string[] = [];
  const units = new Map<string, Properties>();
  const note = async (verb: string, names: readonly string[]) => {
    asked.push(...names.map((name) => `${verb} ${name}`));
    return undefined;
  };
  const systemd: Systemd = {
    ...noSystemd,
    ask: note,
    enqueue: note,
    show: async (names) => {
      const shown = [...units].filter(([id, { Names = id }]) =>
        names.some((name) => Names.split(' ').includes(name)),
      );
      return new Map(shown);
    },
    wakeIn: async (_unit, seconds) => {
      host.timer = seconds;
      return undefined;
    },
  };
  const ignore = () => {};
  const host: FakeHost = {
    asked,
    warnings,
    timer: undefined,
    units,
    now: begin,
    context: {
      places: placesOf(root),
      manifest: {
        identities: [],
        certificates: [],
        artifacts: [],
        bad: [],
        ...manifest,
      } as unknown as Manifest,
      systemd,
      log: {
        error: ignore,
        warning: (text) => warnings.push(text),
        notice: ignore,
        info: ignore,
        debug: ignore,
      },
      now: () => host.now,
    },
  };
  return host;
}

/** A declared item that is missing, and that nobody has tried in vain. */
export function missing(
  kind: 'certificate' | 'artifact',
  instance: string,
  rest: Partial<Declaration> = {},
): Found {
  const item = { kind, instance };
  return {
    item,
    declared: true,
    present: false,
    files: false,
    generation: undefined,
    since: 0,
    declaration: {
      item,
      reload: [],
      restart: [],
      obtainer: kind === 'certificate' ? 'cert-renew@local.service' : 'bindsto-reconcile.service',
      status: undefined,
      ...rest,
    },
    status: { kind, name: instance, instance, state: 'missing', present: false },
  };
}
