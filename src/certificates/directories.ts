import { wrap } from '../errors.ts';
import type { Accounts } from '../host/accounts.ts';
import { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';

interface Ownership {
  readonly accounts: Accounts;
  /** Undefined without the right to give files away: everything belongs to who runs it. */
  readonly acme: { readonly uid: number } | undefined;
}

/** The owner writes, the group reads, and its set-group-id bit gives it to what is made inside. */
const mode = 0o2750;

/**
 * Makes the directory of a certificate, or gives an existing one its owner, group and mode;
 * what is inside stays as it is. For root: it is all that root does in this tree.
 *
 * @throws BindstoError `configuration` for an unknown group; `unwritable` where something
 *   else has that name
 */
export function ensureCertificateDirectory(
  places: Places,
  { accounts, acme }: Ownership,
  certificate: Certificate,
): 'made' | 'there' {
  try {
    const owner = acme && { uid: acme.uid, gid: accounts.gid(certificate.group) };
    using home = Directory.open(places.acme);
    const before = home.stat(certificate.instance);
    home.enterOrMake(certificate.instance, mode, owner).close();
    return before === undefined ? 'made' : 'there';
  } catch (error) {
    throw wrap(`preparing the directory of ${certificate.name}`, error);
  }
}
