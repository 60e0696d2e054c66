import * as v from 'valibot';
import { instanceOf } from './names.ts';
import { problemsOf } from './problems.ts';
import { type certificateDefaults, certificateItem } from './schema.ts';
import { localSet } from './sets.ts';
import type { Certificate, Problem } from './types.ts';

type Defaults = v.InferOutput<typeof certificateDefaults>;

/** A certificate with its defaults filled in, or what is wrong with it. */
export function resolveCertificate(
  defaults: Defaults,
  name: string,
  item: unknown,
  where: string,
): Certificate | Problem[] {
  const parsed = v.safeParse(certificateItem, item);
  if (!parsed.success) return problemsOf(parsed.issues, where);
  const { domain, extraDomainNames = [], ...own } = parsed.output;
  if (domain === undefined) {
    const asDomain = v.safeParse(certificateItem.entries.domain, name);
    if (!asDomain.success) return problemsOf(asDomain.issues, `${where}.domain`);
  }
  return {
    name,
    instance: instanceOf(name),
    domains: [...new Set([domain ?? name, ...extraDomainNames].map((each) => each.toLowerCase()))],
    group: own.group ?? defaults.group,
    keyType: own.keyType ?? defaults.keyType,
    issuers: own.issuers ?? defaults.issuers,
    validMinDays: own.validMinDays === undefined ? defaults.validMinDays : own.validMinDays,
    reloadServices: own.reloadServices ?? defaults.reloadServices,
    set: localSet,
  };
}
