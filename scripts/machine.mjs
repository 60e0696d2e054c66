import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runChild } from './children.mjs';
import { locked } from './lock.mjs';
import { buildLock, inRepository } from './paths.mjs';

/** Debian's packages that the tests, the demo and the benchmarks use: how to see that one is there, and what for. */
const packages = {
  mmdebstrap: { program: 'mmdebstrap', why: 'makes the Debian trees that are booted' },
  'debian-archive-keyring': {
    file: '/usr/share/keyrings/debian-archive-keyring.gpg',
    why: 'verifies what goes into the trees',
  },
  'systemd-container': { program: 'systemd-nspawn', why: 'boots the trees' },
  systemd: { program: 'systemd-analyze', why: 'verifies units' },
  age: { program: 'age', why: 'encrypts what bindsto decrypts' },
  'nix-bin': { program: 'nix-instantiate', why: 'evaluates sample configurations' },
  openssl: { program: 'openssl', why: 'verifies certificates' },
  'openssh-client': { program: 'ssh-keygen', why: 'makes host keys' },
  strace: { program: 'strace', why: 'kills workers at each system call' },
  hyperfine: { program: 'hyperfine', why: 'measures start-up' },
};

export const testPackages = Object.keys(packages).filter((name) => name !== 'hyperfine');

/** What `tests/harness/` needs to boot a container. */
export const containerPackages = ['mmdebstrap', 'debian-archive-keyring', 'systemd-container'];

/** Node packages of the clone and, for the tests, the two Node releases. Resolves to what is still missing. */
export async function ensureModules({ nodes = false } = {}) {
  return await locked(buildLock, async () => {
    const missing = [];
    const wanted = nodes ? ['.', 'tests/nodes'] : ['.'];
    for (const directory of wanted.filter(isStale)) {
      say(`installing the Node packages of ${directory === '.' ? 'the clone' : directory}`);
      const argv = ['npm', 'ci', '--ignore-scripts', '--loglevel=error'];
      const status = await runChild(argv, { cwd: inRepository(directory) });
      if (status !== 0) missing.push(`Node packages of ${directory}: \`npm ci\` there failed`);
    }
    return missing;
  });
}

/**
 * Installs what is missing of Debian's packages where that is possible, and says so.
 * Resolves to sentences about what is still missing. No server is ever among them.
 */
export async function ensurePackages(names) {
  if (names.every(isThere)) return [];
  if (process.getuid() === 0 && isProgram('apt-get')) {
    await locked('/run/lock/bindsto-apt', () => aptInstall(names.filter((name) => !isThere(name))));
  }
  return names
    .filter((name) => !isThere(name))
    .map((name) => `${name} (${packages[name].why}): as root, apt-get install ${name}`);
}

export function say(text) {
  process.stderr.write(`bindsto: ${text}\n`);
}

/** npm writes beside the packages what it has installed. */
function isStale(directory) {
  const installed = inRepository(directory, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return true;
  const have = packagesOf(installed);
  const want = Object.entries(packagesOf(inRepository(directory, 'package-lock.json')));
  return want.some(
    ([path, entry]) =>
      path !== '' && isForThisMachine(entry) && have[path]?.version !== entry.version,
  );
}

function isForThisMachine({ os, cpu, libc }) {
  const has = (wanted, ours) => wanted === undefined || [wanted].flat().includes(ours);
  return has(os, process.platform) && has(cpu, process.arch) && has(libc, 'glibc');
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

async function aptInstall(names) {
  if (names.length === 0) return;
  for (const name of names) say(`installing ${name}: ${packages[name].why}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['--quiet=2', '--option=DPkg::Lock::Timeout=600'];
  const install = ['install', '--yes', '--no-install-recommends', ...names];
  if ((await runChild(['apt-get', ...options, 'update'], { env })) !== 0) return;
  await runChild(['apt-get', ...options, ...install], { env });
}

function isThere(name) {
  const { program, file } = packages[name];
  return program === undefined ? existsSync(file) : isProgram(program);
}

function isProgram(name) {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return [...directories, '/usr/sbin', '/sbin'].some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
