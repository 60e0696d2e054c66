import { type Answer, askOnce } from '../../host/http-probe.ts';
import { ownAddresses } from '../../host/resolve-name.ts';
import { sanitize } from '../../host/sanitize.ts';
import { type Finding, problem, unknown } from './check.ts';

/** RFC 8555 section 8.3. */
export const challengePath = '/.well-known/acme-challenge';
const port = 80;
const socket = '/run/acme-challenge.sock';

const refusals = ['ECONNREFUSED', 'EADDRNOTAVAIL', 'ENETUNREACH', 'EAFNOSUPPORT'];

/** As a CA would ask for a name, but of this host, whatever its address: of the loopback first. */
export async function askHere(domain: string, token: string): Promise<Answer> {
  let last: Answer = { silence: 'no address' };
  const outside = ownAddresses().filter((address) => !address.startsWith('fe80:'));
  for (const address of ['127.0.0.1', '::1', ...outside]) {
    last = await askOnce({
      at: { address, port },
      host: domain,
      path: `${challengePath}/${token}`,
    });
    if (!('silence' in last) || !refusals.includes(last.silence)) break;
  }
  return last;
}

export function responderAnswer(domain: string, token: string): Promise<Answer> {
  return askOnce({ at: { socket }, host: domain, path: `${challengePath}/${token}` });
}

/** What is not the file that was put below the webroot. */
export function asTheFile(
  domain: string,
  answer: Answer,
  { directory, text }: { readonly directory: string; readonly text: string },
): Finding[] {
  const advice = `let the server give http://${domain}${challengePath}/ from ${directory}`;
  if ('silence' in answer || isRedirect(answer)) return otherwise(domain, answer, advice);
  if (answer.status !== 200) {
    return [
      problem(domain, `the server answers ${answer.status} for a file below ${directory}`, advice),
    ];
  }
  if (answer.body.trim() === text) return [];
  return [
    problem(domain, `the server gives something else than the file below ${directory}`, advice),
  ];
}

/** What is not the answer of the responder. */
export function asResponder(
  domain: string,
  answer: Answer,
  expected: Exclude<Answer, { silence: string }>,
): Finding[] {
  const advice = `let the server pass http://${domain}${challengePath}/ on to unix:${socket}, with its Host`;
  if ('silence' in answer || isRedirect(answer)) return otherwise(domain, answer, advice);
  if (answer.status === expected.status && answer.body === expected.body) return [];
  const found = `the server answers by itself (${answer.status}) what acme-challenge.socket is to answer`;
  return [problem(domain, found, advice)];
}

function otherwise(domain: string, answer: Answer, advice: string): Finding[] {
  if ('silence' in answer) {
    const found = `no web server answers on port ${port} of this host (${answer.silence})`;
    return [problem(domain, found, advice)];
  }
  const found = `the server redirects to ${sanitize(answer.location ?? '?', 200)}`;
  return [unknown(domain, found, 'see that the CA finds the answer there, or exempt the path')];
}

function isRedirect(answer: Exclude<Answer, { silence: string }>): boolean {
  return answer.status >= 300 && answer.status < 400;
}
