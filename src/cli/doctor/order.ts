import { isAcme } from '../../manifest/issuers.ts';
import type { Certificate } from '../../manifest/types.ts';
import { isFilesTarget, itemOfTarget } from '../../presence/units.ts';
import { type Binding, readBindings, shortTarget } from '../bindings.ts';
import { type Check, type Finding, problem, unknown } from './check.ts';

/**
 * A server that answers for a certificate starts before it is obtained, so it must not wait
 * for another one that the same batch obtains.
 */
export const order: Check = {
  name: 'order',
  async look({ session, items, manifest }) {
    const { units } = await readBindings(session, items);
    const certificateOf = (target: string) => {
      const item = itemOfTarget(target);
      if (item?.kind !== 'certificate') return undefined;
      return manifest.certificates.find(({ instance }) => instance === item.instance);
    };
    const findings = units.flatMap((unit) => orderFindings(unit, certificateOf));
    return { fine: 'no server waits for what it has to answer for', findings };
  },
};

/** By their usual names. */
const webServers = /^(?:nginx|httpd|apache2|caddy|h2o|lighttpd|haproxy)\.service$/;

function orderFindings(
  { unit, bindsTo }: Binding,
  certificateOf: (target: string) => Certificate | undefined,
): Finding[] {
  const served = bindsTo.filter(isFilesTarget).flatMap((target) => certificateOf(target) ?? []);
  const answered = served.filter(isAnsweredByServer);
  return bindsTo.flatMap((target) => {
    const wanted = isFilesTarget(target) ? undefined : certificateOf(target);
    if (wanted === undefined) return [];
    const advice = `bind it to cert-files@${wanted.instance}.target instead`;
    const of = answered.find(({ set }) => set === wanted.set);
    if (of !== undefined) {
      const found = `it answers for ${of.name}, and waits for ${shortTarget(target)}, which the same batch obtains`;
      return [problem(unit, found, advice)];
    }
    if (!webServers.test(unit) || !isAnsweredByServer(wanted)) return [];
    const found = `it waits for ${shortTarget(target)}: if it is to answer for it, neither of them comes`;
    return [unknown(unit, found, advice)];
  });
}

function isAnsweredByServer({ challenge, issuers }: Certificate): boolean {
  return issuers.some(isAcme) && (challenge?.kind === 'webroot' || challenge?.kind === 'storage');
}
