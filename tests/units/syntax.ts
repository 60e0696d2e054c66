/** `[section, key, value]` of every assignment, as systemd.syntax(7) and its config_parse() read a file. */
export function readUnit(text: string): [section: string, key: string, value: string][] {
  const assignments: [string, string, string][] = [];
  let section = '';
  let begun = '';
  for (const raw of text.split('\n')) {
    if (/^[ \t]*[#;]/.test(raw)) continue; // within a continued line as well
    const line = begun + raw;
    begun = '';
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(line)) {
      begun = `${line.slice(0, -1)} `;
      continue;
    }
    const stripped = strip(line);
    if (stripped === '') continue;
    if (stripped.startsWith('[')) {
      if (!stripped.endsWith(']')) throw new Error(`no section: ${stripped}`);
      section = stripped.slice(1, -1);
      continue;
    }
    const at = stripped.indexOf('=');
    if (at < 0) throw new Error(`no assignment: ${stripped}`);
    assignments.push([section, strip(stripped.slice(0, at)), strip(stripped.slice(at + 1))]);
  }
  return assignments;
}

/** The words of a list, unquoted as extract_first_word() does with EXTRACT_UNQUOTE. */
export function wordsOf(value: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < value.length; index++) {
    const character = value.charAt(index);
    if (character === '\\') {
      word = (word ?? '') + value.charAt(++index);
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/[ \t]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** Specifiers that stand for themselves. */
export function unescapePercent(word: string): string {
  if (/%(?!%)/.test(word.replaceAll('%%', ''))) throw new Error(`a specifier in ${word}`);
  return word.replaceAll('%%', '%');
}

function strip(text: string): string {
  return text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
}
