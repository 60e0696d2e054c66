import { median } from './samples.ts';

/** A line of the table, with the samples behind it. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  readonly goal: string;
  /** Undefined where there is no goal. */
  readonly met: boolean | undefined;
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

export type Unit = 'ms' | 'MB';

/** Medians side by side. The goal is for ours divided by the peer's. */
export function compared(options: {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: readonly number[];
  readonly peer: { readonly name: string; readonly samples: readonly number[] };
  readonly atMost?: number;
}): Row {
  const { what, unit, ours, peer, atMost } = options;
  const ratio = median(ours) / median(peer.samples);
  return {
    what,
    ours: quantity(median(ours), unit),
    peer: `${quantity(median(peer.samples), unit)} ${peer.name}`,
    ratio: factor(ratio),
    goal: atMost === undefined ? '' : `≤ ${factor(atMost)}`,
    met: atMost === undefined ? undefined : ratio <= atMost,
    samples: { ours, [peer.name]: peer.samples },
  };
}

/** A median of ours, and what it may be at most. */
export function limited(options: {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: readonly number[];
  readonly atMost?: number;
}): Row {
  const { what, unit, ours, atMost } = options;
  return {
    what,
    ours: quantity(median(ours), unit),
    peer: '',
    ratio: '',
    goal: atMost === undefined ? '' : `≤ ${quantity(atMost, unit)}`,
    met: atMost === undefined ? undefined : median(ours) <= atMost,
    samples: { ours },
  };
}

/** What was seen, in words. */
export function seen(what: string, ours: string, goal = '', met?: boolean): Row {
  return { what, ours, peer: '', ratio: '', goal, met, samples: {} };
}

/** `1.9×`; below one `1/8.3`. */
export function factor(ratio: number): string {
  const digits = (value: number) =>
    String(Number(value < 10 ? value.toFixed(2) : value.toPrecision(3)));
  return ratio >= 0.995 ? `${digits(ratio)}×` : `1/${digits(1 / ratio)}`;
}

function quantity(value: number, unit: Unit): string {
  if (unit === 'ms' && value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
}
