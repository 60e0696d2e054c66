/** No CA's limits are longer: Let's Encrypt counts over 7 days. */
const longest = 8 * 24 * 60 * 60 * 1000;

const httpDates = [
  /^\w{3}, \d{2} \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^\w{6,9}, \d{2}-\w{3}-\d{2} \d\d:\d\d:\d\d GMT$/,
];
const asctime = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * The moment that a `Retry-After` header names: seconds from now or a date in one of three
 * spellings (RFC 9110 sections 10.2.3 and 5.6.7). Not before now, at most 8 days later;
 * undefined where the header is absent or says nothing.
 */
export function retryAfter(header: unknown, now: Date): Date | undefined {
  if (typeof header !== 'string') return undefined;
  const time = /^\d{1,10}$/.test(header)
    ? now.getTime() + Number(header) * 1000
    : Date.parse(inUtc(header));
  if (Number.isNaN(time)) return undefined;
  return new Date(Math.min(Math.max(time, now.getTime()), now.getTime() + longest));
}

function inUtc(header: string): string {
  if (asctime.test(header)) return `${header} GMT`;
  return httpDates.some((format) => format.test(header)) ? header : '';
}
