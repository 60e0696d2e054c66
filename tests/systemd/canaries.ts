import { generateKeyPairSync } from 'node:crypto';
import { canary } from '../harness/canary.ts';
import type { Container } from '../harness/container.ts';
import { artifacts, ciphertext, encrypted, keyPath, Secrets } from './secrets.ts';

const generators = '/usr/local/lib/generators';

/** Where the configuration or a program keeps a secret: a leak is what is anywhere else. */
export const declared = ['/etc/keys', '/etc/secrets/clear.age', generators];
export const logs = '/run/bindsto/generator-logs';
export const ca = '/var/lib/bindsto/local-ca/key.pem';
export const acme = '/var/lib/acme/a.example';

/** Every secret of this host, each a canary of its own, so that what leaks is known by name. */
export const secrets = {
  one: canary(),
  'one, when it has changed': canary(),
  two: canary(),
  'two, for everybody': canary(),
  linked: canary(),
  gone: canary(),
  damaged: canary(),
  "somebody else's": canary(),
  'not encrypted at all': canary(),
  'a broken key': canary(),
  "a generator's result": canary(),
  "a generator's standard output": canary(),
  "a generator's standard error": canary(),
  "a failing generator's result": canary(),
  "a failing generator's words": canary(),
};

/** The host's own key, as SSH has one: nothing is encrypted for it, and it is read all the same. */
export const hostKey = generateKeyPairSync('ed25519')
  .privateKey.export({ format: 'pem', type: 'pkcs8' })
  .toString();

const made = `out() { printf '%s' "$1" >"$out/value"; }`;
const scripts = {
  made: `${made}; out '${secrets["a generator's result"]}'
echo 'password=${secrets["a generator's standard output"]}'
echo 'user:${secrets["a generator's standard error"]}@host' >&2`,
  fails: `${made}; out '${secrets["a failing generator's result"]}'
echo 'token: ${secrets["a failing generator's words"]}' | tee /dev/stderr; exit 3`,
};

/** What the host is configured with, in two versions. */
export const manifest = ({ names = [] as string[], more = {} } = {}) => ({
  certificates: { items: { 'a.example': { extraDomainNames: names } } },
  artifacts: {
    ...artifacts({
      ...encrypted('one', 'damaged', 'foreign', 'clear'),
      two: {
        backend: 'agenix',
        files: {
          secret: { source: ciphertext('two'), owner: 'acme', group: 'staff', mode: '0440' },
          public: { source: ciphertext('open'), mode: '0444' },
        },
      },
      linked: {
        backend: 'agenix',
        files: { value: { source: ciphertext('linked'), path: '/etc/app/secret' } },
      },
      made: { backend: 'dummy', generator: `${generators}/made`, files: { value: {} } },
      fails: { backend: 'dummy', generator: `${generators}/fails`, files: { value: {} } },
      ...more,
    }),
    backends: { agenix: { identities: ['/etc/keys/broken.txt', '/etc/keys/host.pem', keyPath] } },
  },
});

/** Puts all of them where the configuration says; resolves to the host's key. */
export async function putSecrets(host: Container): Promise<Secrets> {
  const [own, foreign] = [await Secrets.create(), await Secrets.create()];
  await own.writeKey(host);
  const broken = secrets['a broken key'];
  await host.write('/etc/keys/broken.txt', `# ${broken}\nAGE-SECRET-KEY-${broken}\n`);
  await host.write('/etc/keys/host.pem', hostKey, { mode: 0o600 });
  for (const [name, text] of [
    ['one', secrets.one],
    ['two', secrets.two],
    ['open', secrets['two, for everybody']],
    ['linked', secrets.linked],
    ['gone', secrets.gone],
  ] as const) {
    await own.put(host, name, text);
  }
  await foreign.put(host, 'foreign', secrets["somebody else's"]);
  await host.write(ciphertext('clear'), secrets['not encrypted at all']);
  // its first chunk of 64 KiB can be decrypted, its last one cannot
  const long = Buffer.from(await own.encrypt(`${secrets.damaged}${'x'.repeat(200_000)}`));
  await host.write(ciphertext('damaged'), long.fill(0, long.length - 40));
  for (const [name, script] of Object.entries(scripts)) {
    await host.write(`${generators}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return own;
}
