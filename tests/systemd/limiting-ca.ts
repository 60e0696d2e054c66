/**
 * A CA that gives no order for some time, and says for how long: run by limiting-host.ts in
 * the network of a container. PORT SECONDS SINCE: when it began to refuse, 0 for the first
 * order. Writes a line of JSON for its place, and then one for each request.
 */
import { setInterval } from 'node:timers';
import { refused } from '../acme/honest-ca.ts';
import { hostileCa } from '../acme/hostile-ca.ts';

const [port = 0, seconds = 0, since = 0] = process.argv.slice(2).map(Number);
let refusing = since;

const ca = await hostileCa(
  { after: () => {} },
  {
    newOrder: ({ honest }) => {
      refusing ||= Date.now();
      const left = refusing + seconds * 1000 - Date.now();
      if (left <= 0) return honest();
      const headers = { 'retry-after': `${Math.ceil(left / 1000)}` };
      return refused(429, 'rateLimited', headers, { detail: 'too many new orders recently' });
    },
  },
  port,
);
process.stdout.write(`${JSON.stringify({ url: ca.url, trustedRoots: ca.trustedRoots })}\n`);

let told = 0;
setInterval(() => {
  for (; told < ca.requests.length; told++) {
    const { where, time } = ca.requests[told] ?? {};
    process.stdout.write(`${JSON.stringify({ where, time })}\n`);
  }
}, 20);
