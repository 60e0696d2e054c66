import type { X509Certificate } from 'node:crypto';
import type { Certificate } from '../manifest/types.ts';
import { batchOf } from '../presence/units.ts';
import { offlineOption, readBindings } from './bindings.ts';
import { command } from './command.ts';
import { type Details, detailsOf } from './details.ts';
import { exit } from './exit.ts';
import { installedChain } from './installed.ts';
import { printBlock } from './item-block.ts';
import { itemJson, statesJson } from './item-json.ts';
import { resolveName } from './resolve.ts';
import type { Session } from './session.ts';
import { allFields } from './show-fields.ts';
import { mayLook, noteSource, readStates } from './states.ts';
import { attemptJson, attemptOf, pausedAccounts } from './tries.ts';

export const show = command({
  usage: 'show <name>',
  about: [
    'All that is known of one certificate or artifact: what is installed, where it comes from,',
    'who uses it, and the last tries with what the CA has said. Times are UTC.',
  ],
  options: { offline: offlineOption },
  examples: [
    ['bindsto show mail.example.com', 'everything'],
    ['bindsto show --json mail.example.com | jq .attempt', 'why it failed, for programs'],
  ],
  async run(session, { offline, positionals: [name = ''] }) {
    const states = readStates(session);
    const item = resolveName(name, states.items);
    const bindings = await readBindings(session, states.items, offline);
    const details = detailsOf(session, states, item, bindings.units);
    const chain = item.kind === 'certificate' ? installedChain(session.places, item.instance) : [];
    if (session.json) {
      session.terminal.printJson({
        ...statesJson(session, states),
        ...json(session, details, chain),
      });
    } else {
      noteSource(session, states);
      if (!mayLook(session)) session.terminal.note('the chain and the last tries take root');
      printBlock(
        session.terminal,
        details,
        session.world.now(),
        allFields(session, details, chain),
      );
    }
    if (states.problem !== undefined) throw states.problem;
    return exit.ok;
  },
});

function json({ places }: Session, details: Details, chain: readonly X509Certificate[]) {
  const { item, certificate, serial, boundBy, widened, worker } = details;
  const [leaf] = chain;
  return {
    item: {
      ...itemJson(item),
      serial,
      fingerprint256: leaf?.fingerprint256.toLowerCase(),
      chain: chain.map(chainJson),
      worker,
      boundBy,
      widenedSandboxes: widened,
    },
    declared: certificate && declaredJson(certificate),
    attempt: attemptJson(attemptOf(places, item)),
    accounts: certificate && pausedAccounts(places, certificate).map(accountJson),
  };
}

function chainJson({ subject, issuer, validFrom, validTo }: X509Certificate) {
  return {
    subject,
    issuer,
    notBefore: new Date(validFrom).toISOString(),
    notAfter: new Date(validTo).toISOString(),
  };
}

function declaredJson(certificate: Certificate) {
  const { issuers, group, email, challenge, set, reloadServices, postRun } = certificate;
  const about = { issuers, group, email, challenge, set, batch: batchOf(set) };
  return { ...about, reloadServices, hasPostRun: postRun !== '' };
}

function accountJson({ account, attempt }: ReturnType<typeof pausedAccounts>[number]) {
  const { issuer, email } = account;
  return { issuer, email, attempt: attemptJson(attempt) };
}
