/**
 * What a terminal or a log would act on instead of show: control characters (C0, DEL, C1),
 * format characters (among them every bidirectional override and zero-width sign), line and
 * paragraph separators, and surrogates without their other half. See Unicode UAX #44, 5.7.1.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Text from outside as one harmless line of at most `limit` UTF-16 units. Characters that
 * are not shown as themselves become `\xNN` or `\u{N…}`; what was cut off ends in `…`.
 */
export function sanitize(text: string, limit = 500): string {
  if (text.length <= limit && !unprintable.test(text)) return text;
  let line = '';
  let fitting = '';
  for (const character of text.slice(0, limit + 1)) {
    line += unprintable.test(character) ? escaped(character) : character;
    if (line.length > limit) return `${fitting}…`;
    if (line.length < limit) fitting = line;
  }
  return line;
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`;
}
