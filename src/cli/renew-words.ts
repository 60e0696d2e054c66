import { adviceFor } from './advice.ts';
import { dateOf, dayOf, distanceInWords, minuteOf } from './dates.ts';
import { installedChain, serialOf } from './installed.ts';
import { printFields } from './item-block.ts';
import { unitOf } from './item-units.ts';
import { labelOf, withoutName } from './item-words.ts';
import { renewFrom } from './prospect.ts';
import type { Outcome } from './renew-outcome.ts';
import type { Session } from './session.ts';
import type { Part } from './terminal.ts';
import { nextTry } from './tries.ts';

/** One line of what has come of it; where it failed, why, and what follows. */
export function printOutcome(session: Session, outcome: Outcome): void {
  const { terminal, world } = session;
  const { item, error, attempt } = outcome;
  terminal.print(labelOf(item), ': ', ...verdict(session, outcome));
  if (error === undefined) return;
  const hint = adviceFor(attempt?.problem) ?? error.hint;
  printFields(terminal, [
    ['Reason', `${withoutName(error.message, item.name)} (${error.code})`],
    ['CA said', attempt?.problem && `${attempt.problem.type}: ${attempt.problem.detail}`],
    ['Hint', hint],
    ['Next try', attempt && nextTry(attempt, world.now())],
  ]);
}

export function outcomeJson({ item, result, error, attempt }: Outcome) {
  const { kind, name, issuer, notBefore, notAfter, generation } = item;
  const about = { kind, name, unit: unitOf(item), result };
  const { next, retryAfter, problem } = attempt ?? {};
  return { ...about, issuer, notBefore, notAfter, generation, error, problem, next, retryAfter };
}

function verdict(session: Session, { item, certificate, result }: Outcome): Part[] {
  switch (result) {
    case 'failed':
      return [{ text: 'failed', style: 'bad' }];
    case 'unfinished':
      return [{ text: 'not finished', style: 'waiting' }, `: bindsto status ${item.name}`];
    case 'not-due': {
      const from = renewFrom(item, certificate);
      const when = from === undefined ? '' : ` before ${minuteOf(from)}`;
      return [{ text: 'not due', style: 'good' }, `${when}; --force renews it all the same`];
    }
    case 'renewed':
      return [{ text: 'renewed', style: 'good' }, installed(session, item)];
    case 'unchanged':
      return [{ text: 'unchanged', style: 'good' }, installed(session, item)];
  }
}

function installed({ places, world }: Session, item: Outcome['item']): string {
  const serial = serialOf(installedChain(places, item.instance)[0]);
  const end = dateOf(item.notAfter);
  const left = end && distanceInWords(end.getTime() - world.now().getTime());
  return [
    `: issued by ${item.issuer ?? 'somebody else'}`,
    ...(serial === undefined ? [] : [`serial ${serial}`]),
    ...(end === undefined ? [] : [`valid until ${dayOf(end)} (${left})`]),
  ].join(', ');
}
