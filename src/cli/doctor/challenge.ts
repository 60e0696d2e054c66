import { randomBytes } from 'node:crypto';
import { toBindstoError } from '../../errors.ts';
import { Accounts } from '../../host/accounts.ts';
import { holdFile } from '../../host/held-file.ts';
import { isAcme } from '../../manifest/issuers.ts';
import type { Certificate, Challenge } from '../../manifest/types.ts';
import { counted } from '../counts.ts';
import { isIp } from './address.ts';
import { askHere, asResponder, asTheFile, challengePath, responderAnswer } from './asking.ts';
import { askRoot, type Check, type Finding, notRunning, problem, unknown } from './check.ts';
import { deadline, eachInTime } from './in-time.ts';

/** Names that are asked for at the same time. */
const mostAtOnce = 16;

type Limits = Parameters<typeof eachInTime>[1];

/** Whether the web server of this host gives what a CA would ask it for. */
export const challenge: Check = {
  name: 'challenge',
  async look({ session: { machine, places }, certificates, isRoot }) {
    if (machine === undefined) return notRunning;
    const webroots = domainsBy(certificates, (each) =>
      each.kind === 'webroot' ? each.directory : undefined,
    );
    const [stored = []] = domainsBy(
      certificates,
      ({ kind }) => kind === 'storage' || undefined,
    ).values();
    const limits = { atOnce: mostAtOnce, until: deadline() };
    const findings: Finding[] = [];
    for (const [directory, domains] of webroots) {
      const ask = () => askWebroot(places.root, directory, domains, limits);
      findings.push(...(isRoot ? await ask() : [onlyRoot(directory)]));
    }
    if (stored.length > 0) findings.push(...(await askStorage(stored, limits)));
    const count = [...webroots.values(), stored].flat().length;
    const some = `${counted(count, 'name')}: answered by the web server`;
    return { fine: count === 0 ? 'no web server has to answer any' : some, findings };
  },
};

function onlyRoot(directory: string): Finding {
  return unknown(directory, 'only root can see whether it is served', askRoot);
}

function domainsBy<K>(
  certificates: readonly Certificate[],
  keyOf: (challenge: Challenge) => K | undefined,
): Map<K, string[]> {
  const groups = new Map<K, Set<string>>();
  for (const { issuers, challenge: how, domains } of certificates) {
    const key = how && issuers.some(isAcme) ? keyOf(how) : undefined;
    if (key === undefined) continue;
    const group = groups.get(key) ?? new Set();
    for (const domain of domains) if (!isIp(domain)) group.add(domain);
    groups.set(key, group);
  }
  return new Map([...groups].map(([key, group]) => [key, [...group]]));
}

/** Puts a file where the worker would put an answer, with the rights that the worker has. */
async function askWebroot(
  root: string,
  directory: string,
  domains: readonly string[],
  limits: Limits,
): Promise<Finding[]> {
  const [name, text] = [0, 1].map(() => randomBytes(32).toString('base64url')) as [string, string];
  const below = challengePath.slice(1);
  try {
    const accounts = Accounts.read(root);
    const as = { uid: accounts.uid('acme'), gid: accounts.gid('acme') };
    await using _ = await holdFile({ directory, below, name, text, as });
    return await eachInTime(domains, limits, async (domain) =>
      asTheFile(domain, await askHere(domain, name), { directory, text }),
    );
  } catch (error) {
    const { message, hint = '' } = toBindstoError(error);
    return [problem(directory, message, hint)];
  }
}

/** A token that nobody has stored: what says so has to be the responder, and not the server before it. */
async function askStorage(domains: readonly string[], limits: Limits): Promise<Finding[]> {
  const token = randomBytes(32).toString('base64url');
  const [first = ''] = domains;
  const expected = await responderAnswer(first, token);
  if ('silence' in expected) {
    const advice = 'systemctl status acme-challenge.socket acme-challenge.service';
    return [problem('acme-challenge.socket', `it does not answer (${expected.silence})`, advice)];
  }
  return await eachInTime(domains, limits, async (domain) =>
    asResponder(domain, await askHere(domain, token), expected),
  );
}
