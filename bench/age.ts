import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { configure } from './estate.ts';
import { items, secrets } from './items.ts';
import { encryptArtifacts, type KeyKind } from './keys.ts';
import { peakMemoryOf, type Usage, usageOf } from './measure.ts';
import { type Release, releases } from './programs.ts';
import { compared, limited, type Row } from './rows.ts';
import { inTurn } from './samples.ts';

/** MB: the most memory that one reconcile may take. */
const mostMemory = 100;

/** One process for each file, and nothing else. */
const bare = `
for file in "$1"/*.age; do
  name=\${file##*/}
  age -d -i "$1/key" -o "$2/\${name%.age}" "$file"
done`;

/** What agenix's activation script does for each file (modules/age.nix, without its tests for warnings). */
const agenix = `
for file in "$1"/*.age; do
  name=\${file##*/}
  path=$2/\${name%.age}
  mkdir -p "$(dirname "$path")"
  (
    umask u=r,g=,o=
    age --decrypt -i "$1/key" -o "$path.tmp" "$file"
  )
  chmod 0400 "$path.tmp"
  mv -f "$path.tmp" "$path"
  chown 0:0 "$path"
done`;

/** A first reconcile that decrypts and installs all artifacts, against age once for each of them. */
export async function* age(bench: Bench): AsyncIterable<Row> {
  const { sizes, say } = bench;
  const { artifacts } = items(0, sizes.age);
  for (const kind of ['X25519', 'ssh-ed25519'] as const) {
    const root = bench.directory(kind);
    say(`age: encrypting ${sizes.age} files for ${kind}`);
    await makeHost(root, sizes.age, kind);
    say(`age: decrypting them with ${kind}`);
    const decrypted = join(root, 'decrypted');
    const script = (text: string) => () => {
      rmSync(decrypted, { recursive: true, force: true });
      mkdirSync(decrypted);
      return usageOf(['bash', '--norc', '-euc', text, 'bash', join(root, secrets), decrypted]);
    };
    const samples = await inTurn(sizes.long, {
      20: () => decryptAll(bench, root, 20),
      24: () => decryptAll(bench, root, 24),
      bare: script(bare),
      agenix: script(agenix),
    });
    for (const release of releases) {
      const what = `${artifacts.length} ${kind} files, node ${release}`;
      const ours = cpuOf(samples[release]);
      const row = { what: `${what}: CPU`, unit: 'ms', ours } as const;
      yield compared({
        ...row,
        peer: { name: 'age -d', samples: cpuOf(samples.bare) },
        atMost: 0.1,
      });
      yield compared({ ...row, peer: { name: "agenix' script", samples: cpuOf(samples.agenix) } });
      clear(root);
      const peak = await peakMemoryOf(
        bench.programs.node(release),
        bench.programs.rerooted('bindsto-reconcile', root),
      );
      yield limited({ what: `${what}: peak memory`, unit: 'MB', ours: [peak], atMost: mostMemory });
    }
  }
}

/** A root with so many encrypted artifacts, none of them decrypted yet. */
async function makeHost(root: string, count: number, kind: KeyKind): Promise<void> {
  const declared = items(0, count);
  await encryptArtifacts(root, declared.artifacts, kind);
  configure(root, declared);
}

/** The first reconcile after a boot, as a whole process. */
export async function decryptAll(
  { programs }: Bench,
  root: string,
  release: Release,
): Promise<Usage> {
  clear(root);
  const reconcile = programs.rerooted('bindsto-reconcile', root);
  const usage = await usageOf([programs.node(release), ...reconcile]);
  expectDecrypted(join(root, 'run/artifacts'), join(root, secrets));
  return usage;
}

/** What is measured has to be what is meant. */
function expectDecrypted(artifacts: string, ciphertexts: string): void {
  const names = readdirSync(ciphertexts).filter((name) => name.endsWith('.age'));
  const decrypted = readdirSync(artifacts).filter((name) => !name.startsWith('.'));
  if (decrypted.length !== names.length) {
    throw new Error(`${decrypted.length} of ${names.length} files were decrypted`);
  }
}

function clear(root: string): void {
  rmSync(join(root, 'run'), { recursive: true, force: true });
}

function cpuOf(samples: readonly Usage[]): number[] {
  return samples.map(({ cpu }) => cpu);
}
