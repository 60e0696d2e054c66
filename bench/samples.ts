/** Subjects of a comparison, each with what takes one sample of it. */
type Subjects = Readonly<Record<string, () => Promise<unknown>>>;

type Samples<S extends Subjects> = { [Name in keyof S]: Awaited<ReturnType<S[Name]>>[] };

/** What happens on the machine meanwhile shall happen to all: samples are taken in turn, A B A B …. */
export async function inTurn<S extends Subjects>(
  repetitions: number,
  subjects: S,
): Promise<Samples<S>> {
  const samples = Object.entries(subjects).map(([name, take]) => ({
    name,
    take,
    taken: [] as unknown[],
  }));
  for (let round = 0; round < repetitions; round++) {
    for (const { take, taken } of samples) taken.push(await take());
  }
  return Object.fromEntries(samples.map(({ name, taken }) => [name, taken])) as Samples<S>;
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((one, other) => one - other);
  const half = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
  return (low + high) / 2;
}
