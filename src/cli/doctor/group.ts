import { join } from 'node:path';
import { toBindstoError } from '../../errors.ts';
import { Accounts } from '../../host/accounts.ts';
import { isThere } from '../../host/is-there.ts';
import { type Check, type Finding, problem } from './check.ts';

/** Who certificates are to belong to. Below another root all of it may belong to who runs it. */
export const group: Check = {
  name: 'group',
  look({ session: { machine, places }, certificates }) {
    const fine = 'owner and groups of certificates are known';
    if (machine === undefined && !isThere(join(places.root, 'etc/group')))
      return { fine, findings: [] };
    const accounts = Accounts.read(places.root);
    const groups = new Map<string, string[]>();
    for (const { name, group: of } of certificates)
      groups.set(of, [...(groups.get(of) ?? []), name]);
    const missing = [...groups].flatMap(([of, names]) =>
      missingAccount(() => accounts.gid(of), `group ${of}`, names),
    );
    const owner =
      certificates.length === 0
        ? []
        : missingAccount(() => accounts.uid('acme'), 'user acme', ['all certificates']);
    return { fine, findings: [...owner, ...missing] };
  },
};

function missingAccount(find: () => number, what: string, names: readonly string[]): Finding[] {
  try {
    find();
    return [];
  } catch (error) {
    const some = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
    const { message, hint = '' } = toBindstoError(error);
    return [problem(what, `${message}; it is to own ${some.join(', ')}`, hint)];
  }
}
