/** What a benchmark declares: so many certificates, and so many artifacts. */
export interface Items {
  readonly certificates: readonly string[];
  readonly artifacts: readonly string[];
}

/** Where artifacts' ciphertexts and the key are, as the host sees it. */
export const secrets = '/etc/secrets';

export function items(certificates: number, artifacts: number): Items {
  return {
    certificates: numbered(certificates, (number) => `host-${number}.example.com`),
    artifacts: numbered(artifacts, (number) => `secret-${number}`),
  };
}

/** Half and half; of an odd number the rest are artifacts. */
export function mixed(count: number): Items {
  return items(Math.floor(count / 2), Math.ceil(count / 2));
}

/** As the manifest is written: defaults once, an item holds only what differs. */
export function manifestOf({ certificates, artifacts }: Items): string {
  const files = (name: string) => ({ files: { value: { source: `${secrets}/${name}.age` } } });
  return JSON.stringify({
    version: 1,
    certificates: { items: Object.fromEntries(certificates.map((name) => [name, {}])) },
    artifacts: {
      defaults: { backend: 'agenix' },
      backends: { agenix: { identities: [`${secrets}/key`] } },
      items: Object.fromEntries(artifacts.map((name) => [name, files(name)])),
    },
  });
}

function numbered(count: number, name: (number: string) => string): string[] {
  return Array.from({ length: count }, (_, index) => name(String(index).padStart(5, '0')));
}
