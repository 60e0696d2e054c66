import { isRecord } from '../manifest/json.ts';

/** What is known of a stored certificate (certmagic's CertificateResource, acmez' Certificate). */
export interface CertificateDocument {
  readonly sans: readonly string[];
  /** Where the CA gives it, which CA (its directory), and which account ordered it. */
  readonly url: string;
  readonly ca: string;
  readonly account: string;
}

/** acmez' Account; the key is kept beside it. An empty status means: not registered yet. */
export interface AccountDocument {
  readonly status: string;
  readonly contact: readonly string[];
  readonly termsOfServiceAgreed: boolean;
  readonly orders: string | undefined;
  /** The account's URL. */
  readonly location: string | undefined;
}

/** acmez' Challenge. */
export interface ChallengeDocument {
  readonly url: string;
  readonly token: string;
  readonly keyAuthorization: string;
  readonly identifier: { readonly type: string; readonly value: string };
}

/** Longer than any text that such a document holds. */
const longestText = 4096;
const mostTexts = 1000;

/** As Go writes them, to the byte: `json.MarshalIndent(…, "", "\t")`. */
export function certificateJson({ sans, url, ca, account }: CertificateDocument): string {
  return goJson({ sans, issuer_data: { url, ca, account } }, '\t');
}

export function accountJson(account: AccountDocument): string {
  const { status, contact, termsOfServiceAgreed, orders, location } = account;
  return goJson(
    {
      ...(status === '' ? {} : { status }),
      ...(contact.length === 0 ? {} : { contact }),
      ...(termsOfServiceAgreed ? { termsOfServiceAgreed } : {}),
      ...(orders === undefined ? {} : { orders }),
      ...(location === undefined ? {} : { location }),
    },
    '\t',
  );
}

/** `json.Marshal`, so on one line. */
export function challengeJson(challenge: ChallengeDocument): string {
  const { url, token, keyAuthorization, identifier } = challenge;
  const { type, value } = identifier;
  return goJson({
    ...{ type: 'http-01', url, status: 'pending', token, keyAuthorization },
    identifier: { type, value },
  });
}

/** All of these give undefined for what is not such a document: anybody may have written it. */
export function parseCertificate(data: Buffer): CertificateDocument | undefined {
  const document = parse(data);
  const issued = isRecord(document?.issuer_data) ? document.issuer_data : {};
  const sans = textsOf(document?.sans);
  if (sans === undefined) return undefined;
  const text = (key: string) => textOf(issued[key]) ?? '';
  return { sans, url: text('url'), ca: text('ca'), account: text('account') };
}

export function parseAccount(data: Buffer): AccountDocument | undefined {
  const document = parse(data);
  const contact = textsOf(document?.contact ?? []);
  if (document === undefined || contact === undefined) return undefined;
  return {
    status: textOf(document.status) ?? '',
    contact,
    termsOfServiceAgreed: document.termsOfServiceAgreed === true,
    orders: textOf(document.orders),
    location: textOf(document.location),
  };
}

export function parseChallenge(data: Buffer): ChallengeDocument | undefined {
  const document = parse(data);
  const identifier = isRecord(document?.identifier) ? document.identifier : {};
  const token = textOf(document?.token);
  const keyAuthorization = textOf(document?.keyAuthorization);
  if (token === undefined || keyAuthorization === undefined) return undefined;
  return {
    url: textOf(document?.url) ?? '',
    token,
    keyAuthorization,
    identifier: { type: textOf(identifier.type) ?? '', value: textOf(identifier.value) ?? '' },
  };
}

/** encoding/json escapes what HTML and JavaScript would stumble over; such signs stand in texts only. */
function goJson(value: unknown, indent?: string): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function parse(data: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= longestText
    ? value
    : undefined;
}

function textsOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length > mostTexts) return undefined;
  const texts = value.map(textOf).filter((text) => text !== undefined);
  return texts.length === value.length ? texts : undefined;
}
