/**
 * The words that somebody may have meant: those that differ by a slip or two, or else those
 * that begin or go on with what was typed. At most three, the nearest first.
 */
export function nearest(typed: string, words: Iterable<string>): string[] {
  const most = Math.max(1, Math.floor(typed.length / 4));
  const all = [...new Set(words)];
  const slips = all
    .map((word): [number, string] => [distance(typed, word, most), word])
    .filter(([slip]) => slip <= most)
    .sort(([one], [other]) => one - other)
    .map(([, word]) => word);
  const similar = slips.length > 0 ? slips : all.filter((word) => word.includes(typed));
  return typed === '' ? [] : similar.slice(0, 3);
}

/** `did you mean 'a', 'b' or 'c'?`; undefined for no words. */
export function didYouMean(words: readonly string[]): string | undefined {
  const [last, ...others] = words.map((word) => `'${word}'`).reverse();
  if (last === undefined) return undefined;
  const before = others.length === 0 ? '' : `${others.reverse().join(', ')} or `;
  return `did you mean ${before}${last}?`;
}

/**
 * Letters to insert, delete, replace or swap with the next (optimal string alignment);
 * anything above `most` when there are more.
 */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
        swapped && row > 1 && column > 1 ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [before, above] = [above, current];
  }
  return above[other.length] ?? 0;
}
