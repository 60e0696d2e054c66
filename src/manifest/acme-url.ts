/** Of the directory of an ACME CA (RFC 8555 section 7.1.1). A file of its own, for the generator needs no more. */
export type AcmeUrl = `https://${string}`;

/** RFC 8555 section 6.1: https only. No user, no fragment, no blank. */
export const acmePattern = 'https:\\/\\/[A-Za-z0-9._:[\\]-]+(?:[/?][!"$-~]*)?';

export function isAcme(text: string): text is AcmeUrl {
  return acmeUrl.test(text) && text.length <= longestUrl && URL.canParse(text);
}

const acmeUrl = new RegExp(`^${acmePattern}$`);
const longestUrl = 255;
