import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Places } from '../host/places.ts';
import type { Artifact, Certificate } from '../manifest/types.ts';
import { batchOf } from '../presence/units.ts';
import { challengeWords } from './challenge-words.ts';
import { minuteOf } from './dates.ts';
import type { Details } from './details.ts';
import { type Field, fieldsOf } from './item-block.ts';
import type { Session } from './session.ts';
import { accountFields, attemptOf, pausedAccounts, tryFields } from './tries.ts';

/** Fields that the tries themselves say better. */
const ofTries = ['Last try', 'Next try'];

/** All that is known of an item: what `status` has, and what follows. */
export function allFields(
  { places, world }: Session,
  details: Details,
  chain: readonly X509Certificate[],
): Field[] {
  const { item, certificate, artifact } = details;
  const now = world.now();
  const attempt = attemptOf(places, item);
  const paused = certificate === undefined ? [] : pausedAccounts(places, certificate);
  const isSaidBelow = attempt !== undefined || paused.length > 0;
  return [
    ...fieldsOf(details, now).filter(([label]) => !(isSaidBelow && ofTries.includes(label))),
    ...chainFields(chain),
    ['Generation', item.generation],
    ...(certificate === undefined ? [] : certificateFields(places, certificate)),
    ...(artifact === undefined ? [] : artifactFields(artifact)),
    ...(attempt === undefined ? [] : tryFields(attempt, item.name, now)),
    ...accountFields(paused, now),
  ];
}

function chainFields([leaf, ...issuers]: readonly X509Certificate[]): Field[] {
  if (leaf === undefined) return [];
  const oneLine = (subject: string) => subject.split('\n').join(', ') || 'no subject';
  const lines = issuers.map(
    ({ subject, validTo }) => `${oneLine(subject)}, until ${minuteOf(new Date(validTo))}`,
  );
  return [
    ['SHA-256', leaf.fingerprint256.toLowerCase()],
    ['Chain', ...(lines.length > 0 ? lines : [`issued by ${oneLine(leaf.issuer)}`])],
  ];
}

function certificateFields(places: Places, certificate: Certificate): Field[] {
  const { instance, issuers, group, email, set, challenge, credentials } = certificate;
  const { reloadServices, postRun } = certificate;
  const files = [
    ...(credentials.environmentFile === null ? [] : [credentials.environmentFile]),
    ...Object.entries(credentials.credentialFiles).map(([name, path]) => `${name}: ${path}`),
  ];
  return [
    ['Files', join(places.acme, instance)],
    ['Group', group],
    ['Asks', ...issuers],
    ['E-mail', email ?? undefined],
    ['Challenge', challengeWords(challenge)],
    ['Set', `${set}, ${batchOf(set)}`],
    ['Loads', ...files],
    ['Reloads', ...reloadServices],
    ['After it', postRun === '' ? undefined : `cert-post@${instance}.service runs its script`],
  ];
}

function artifactFields({
  generator,
  prompts,
  reloadServices,
  restartServices,
}: Artifact): Field[] {
  return [
    ['Generator', generator],
    ['Prompts', ...prompts],
    ['Reloads', ...reloadServices],
    ['Restarts', ...restartServices],
  ];
}
