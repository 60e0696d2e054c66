import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { exportKey, newKey } from '../src/certificates/keys.ts';
import { testCa } from '../tests/acme/test-ca.ts';
import { inRepository } from '../tests/harness/repository.ts';

/** A file as the machine of the story sees it. */
export interface HostFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
}

export interface Scenario {
  /** What stands in `demo/manifest.json`. */
  readonly manifest: ScenarioManifest;
  readonly services: readonly Service[];
  /** All that is there when the machine boots. */
  readonly files: readonly HostFile[];
  /** The same of an nginx and of a Pebble, where there are such programs; units to be enabled among them. */
  readonly serverFiles: readonly HostFile[];
  readonly servers: readonly string[];
  /** The key that comes later. */
  readonly lateKey: HostFile;
}

/** What the story tells of the manifest; the tool itself reads all of it. */
export interface ScenarioManifest {
  readonly certificates: { readonly items: Items<{ readonly extraDomainNames?: string[] }> };
  readonly artifacts: { readonly items: Items<object> };
}

type Items<Item> = Readonly<Record<string, Item>>;

export interface Service {
  readonly name: string;
  readonly bindsTo: readonly string[];
}

const manifestPath = '/etc/bindsto/manifest.json';
const unitDirectory = '/etc/systemd/system';
const inDemo = (...parts: string[]) => inRepository('demo', ...parts);

/** Where the machine finds what the CA signs for and looks at: itself. */
const hosts = '127.0.0.1 localhost blog.example.org\n::1 localhost\n';

/** Reads `demo/`, makes two age keys, encrypts a random secret for each of them, and a TLS server's key. */
export async function prepareScenario(): Promise<Scenario> {
  const manifest = JSON.parse(readFileSync(inDemo('manifest.json'), 'utf8'));
  const units = readdirSync(inDemo('units')).map((name) => ({
    name,
    text: readFileSync(inDemo('units', name), 'utf8'),
  }));
  const hostKey = await generateIdentity();
  const lateKey = await generateIdentity();
  return {
    manifest,
    services: units.map(({ name, text }) => ({
      name,
      bindsTo: /^BindsTo=(.*)$/m.exec(text)?.[1]?.split(' ') ?? [],
    })),
    files: [
      manifestFile(manifest),
      ...units.map(({ name, text }) => file(`${unitDirectory}/${name}`, text)),
      file('/etc/secrets/session-key.sh', readFileSync(inDemo('session-key.sh')), 0o755),
      file('/etc/secrets/smtp-password.age', await encryptedSecret(hostKey)),
      file('/etc/secrets/backup-passphrase.age', await encryptedSecret(lateKey)),
      file('/etc/keys/host.txt', `${hostKey}\n`, 0o400),
    ],
    serverFiles: await filesOfServers(),
    servers: ['pebble.service'],
    lateKey: file('/media/usb/backup.txt', `${lateKey}\n`, 0o400),
  };
}

async function filesOfServers(): Promise<HostFile[]> {
  const inServers = (name: string) => readFileSync(inDemo('servers', name));
  const ca = testCa('CA of the demo');
  const key = await newKey('ec256');
  return [
    file('/etc/hosts', hosts),
    file('/etc/nginx/demo.conf', inServers('nginx.conf')),
    file('/etc/pebble/pebble.json', inServers('pebble.json')),
    file('/etc/pebble/root.pem', ca.certificatePem),
    file('/etc/pebble/server.pem', ca.sign(['localhost'], key)),
    file('/etc/pebble/server.key', exportKey(key), 0o600),
    file(`${unitDirectory}/pebble.service`, inServers('pebble.service')),
  ];
}

/** The manifest of a configuration that no longer has an artifact. */
export function manifestWithout({ manifest }: Scenario, artifact: string): HostFile {
  const { [artifact]: _, ...items } = manifest.artifacts.items;
  return manifestFile({ ...manifest, artifacts: { ...manifest.artifacts, items } });
}

export function writeBelow(root: string, { path, content, mode }: HostFile): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  chmodSync(target, mode);
}

/** As `systemctl enable` does. */
export function enableBelow(root: string, units: readonly string[]): void {
  const wants = join(root, unitDirectory, 'multi-user.target.wants');
  mkdirSync(wants, { recursive: true });
  for (const name of units) symlinkSync(`../${name}`, join(wants, name));
}

export function namesOf({ services }: Scenario): string[] {
  return services.map(({ name }) => name);
}

function manifestFile(manifest: object): HostFile {
  return file(manifestPath, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function file(path: string, content: string | Uint8Array, mode = 0o644): HostFile {
  return { path, content, mode };
}

async function encryptedSecret(identity: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  return await encrypter.encrypt(randomBytes(18).toString('base64'));
}
