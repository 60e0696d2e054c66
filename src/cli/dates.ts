const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time as people say it, in one unit: `45 s`, `12 min`, `5 h`, `86 d`. */
export function distanceInWords(milliseconds: number): string {
  const length = Math.abs(milliseconds);
  if (length < 100 * second) return `${Math.round(length / second)} s`;
  if (length < 100 * minute) return `${Math.round(length / minute)} min`;
  if (length < 2 * day) return `${Math.round(length / hour)} h`;
  return `${Math.floor(length / day)} d`;
}

/** `in 5 min`, `3 d ago`; an earlier time that was to come is `now`. */
export function relative(date: Date, now: Date, past = 'ago'): string {
  const distance = date.getTime() - now.getTime();
  if (distance >= second) return `in ${distanceInWords(distance)}`;
  return past === 'ago' ? `${distanceInWords(distance)} ago` : past;
}

/** `2026-11-21`, UTC. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** `2026-11-21 20:05 UTC`. */
export function minuteOf(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `2026-11-21 20:05:11`, UTC. */
export function secondOf(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

/** A date that a file says; undefined where it says none. */
export function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
