import { standsInFor } from '../certificates/stand-in.ts';
import type { IssuerName } from '../manifest/issuers.ts';
import { batchOf } from '../presence/units.ts';
import { challengeWords } from './challenge-words.ts';
import { minuteOf, relative } from './dates.ts';
import { printFields } from './item-block.ts';
import { unitOf, workerUnit } from './item-units.ts';
import { labelOf } from './item-words.ts';
import type { Prospect } from './prospect.ts';
import type { Session } from './session.ts';
import type { Part } from './terminal.ts';
import { accountFields, attemptJson, tryFields } from './tries.ts';

export function printProspect({ terminal, world }: Session, prospect: Prospect): void {
  const { certificate, item, attempt, paused } = prospect;
  const now = world.now();
  terminal.print(labelOf(item), ': ', ...verdict(prospect, now));
  printFields(terminal, [
    ['Because', because(prospect)],
    ['Asks', ...certificate.issuers.map((issuer) => issuerLine(prospect, issuer))],
    ['Challenge', challengeWords(certificate.challenge)],
    ['Names', certificate.domains.join(' ')],
    ['Key', certificate.keyType],
    ['Worker', `${workerUnit(item)}, batch ${batchOf(certificate.set)}`],
    ...(attempt === undefined ? [] : tryFields(attempt, item.name, now)),
    ...accountFields(paused, now),
  ]);
}

export function prospectJson(prospect: Prospect) {
  const { certificate, item, would, renewFrom, forbiddenUntil, attempt, accounts, paused } =
    prospect;
  const { name, issuers, domains, keyType, email, challenge, set } = certificate;
  return {
    ...{ kind: item.kind, name, unit: unitOf(item), would, due: item.state !== 'valid' },
    ...{ why: because(prospect), renewFrom, forbiddenUntil, issuers, domains, keyType, email },
    ...{ challenge, set, batch: batchOf(set), attempt: attemptJson(attempt) },
    accounts: accounts.map(({ id, issuer, email: of, isKnown }) => {
      const last = paused.find(({ account }) => account.id === id)?.attempt;
      return { issuer, email: of, isKnown, attempt: attemptJson(last) };
    }),
  };
}

function verdict({ would, renewFrom, forbiddenUntil }: Prospect, now: Date): Part[] {
  switch (would) {
    case 'nothing': {
      const when = renewFrom === undefined ? '' : `: not due before ${minuteOf(renewFrom)}`;
      return [{ text: 'nothing would be done', style: 'good' }, when];
    }
    case 'wait': {
      const until = forbiddenUntil ?? now;
      const when = `${minuteOf(until)} (${relative(until, now)})`;
      return [{ text: 'would wait', style: 'waiting' }, `: the CA forbids a try before ${when}`];
    }
    case 'issue':
      return [{ text: 'would be issued', style: 'waiting' }];
  }
}

function because({ item, force }: Prospect): string | undefined {
  if (item.state === 'valid') return force ? 'it was asked for (--force)' : undefined;
  return item.why ?? (item.state === 'missing' ? 'it has no files' : item.state);
}

/** What is sent where, and in whose name. */
function issuerLine({ accounts, certificate }: Prospect, issuer: IssuerName): string {
  const account = accounts.find((each) => each.issuer === issuer);
  const isStandIn = standsInFor(certificate, issuer) !== undefined;
  if (isStandIn) return `${issuer}, as a stand-in while nothing valid is there`;
  if (account === undefined) return issuer;
  const { email, isKnown } = account;
  const known = isKnown === undefined ? '' : isKnown ? ', which is there' : ', which would be made';
  return `${issuer}, by the account ${email ?? 'without an e-mail address'}${known}`;
}
