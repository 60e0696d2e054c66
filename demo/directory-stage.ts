import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inRepository } from '../tests/harness/repository.ts';
import { Programs } from './programs.ts';
import { enableBelow, namesOf, type Scenario, writeBelow } from './scenario.ts';
import type { Act, Happening, Stage, UnitState } from './stage.ts';
import { Standing, type StatusJson } from './standing.ts';

/** In the order in which PID 1 would start them at a boot. */
const workers = {
  reconcile: ['bindsto-reconcile'],
  placeholders: ['cert-files'],
  generated: ['artifact', '--name', 'session-key'],
  ordered: ['cert-renew', '--set', 'default'],
  issued: ['cert-renew', '--set', 'local'],
  apply: ['bindsto-apply'],
} as const;

const { reconcile, placeholders, generated, ordered, issued, apply } = workers;

const workersOf: Readonly<Record<Act, readonly (readonly string[])[]>> = {
  boot: [reconcile, placeholders, generated, ordered, issued, apply],
  key: [reconcile, apply],
  switch: [reconcile, apply],
};

/**
 * A directory below the temporary one, where the same generator and the same workers run as
 * whoever we are. What PID 1 would do follows from what they leave there.
 */
export class DirectoryStage implements Stage {
  readonly kind = 'directory';
  readonly root: string;
  readonly node = process.version;
  readonly heading: string;
  readonly leftOut: string[];
  note: string | undefined;
  readonly #programs = new Programs();
  readonly #standing = new Standing();
  readonly #news: Happening[] = [];
  #systemd: string | undefined;
  #actBegan = Date.now();

  /** `why`: there is no container. */
  constructor(why: string) {
    this.root = mkdtempSync(join(tmpdir(), 'bindsto-demo-'));
    this.heading = `A directory stands for the machine: ${this.root}`;
    this.leftOut = [
      'nginx and Pebble, and with them a certificate by HTTP-01: they come with the container',
      `a real systemd, and with it every start, stop and sandbox: ${why}`,
    ];
  }

  async prepare(scenario: Scenario): Promise<void> {
    const place = ['--root', this.root, '--node', process.execPath];
    await this.#programs.output([process.execPath, inRepository('scripts/install.mjs'), ...place]);
    for (const file of scenario.files) writeBelow(this.root, file);
    enableBelow(this.root, namesOf(scenario));
    await this.#generate();
    await this.#verify();
  }

  get systemd(): string | undefined {
    return this.#systemd;
  }

  async run(act: Act): Promise<void> {
    this.#actBegan = Date.now();
    if (act === 'switch') await this.#generate();
    for (const worker of workersOf[act]) {
      const ok = await this.#work(worker);
      this.#tell({
        unit: unitOf(worker),
        ...(ok ? { turn: 'ran', result: 'success' } : { turn: 'failed', result: 'exit-code' }),
      });
      await this.#look();
    }
    if (act === 'boot') for (const each of this.#standing.waiting()) this.#tell(each);
  }

  async happenings(): Promise<readonly Happening[]> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return this.#news.splice(0);
  }

  async bindsto(args: readonly string[], columns = 80): Promise<string> {
    const argv = [process.execPath, this.#installed('cli.js'), '--root', this.root, ...args];
    const env = { ...process.env, COLUMNS: `${columns}`, NO_COLOR: '1' };
    return (await this.#programs.run(argv, env)).stdout;
  }

  /** Nothing runs, so nothing has a state. */
  async states(): Promise<ReadonlyMap<string, UnitState>> {
    return new Map();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs.end();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Its generator, with the four directories that PID 1 would hand in. */
  async #generate(): Promise<void> {
    const normal = join(this.root, 'run/systemd/generator');
    rmSync(normal, { recursive: true, force: true });
    mkdirSync(normal, { recursive: true });
    const generator = this.#installed('generators/system.cjs');
    const manifest = join(this.root, 'etc/bindsto/manifest.json');
    const directories = [normal, `${normal}.early`, `${normal}.late`];
    await this.#programs.output([process.execPath, generator, manifest, ...directories, this.root]);
  }

  /** All unit files as systemd sees them together with the machine's own. */
  async #verify(): Promise<void> {
    const directories = ['etc/systemd/system', 'run/systemd/generator', 'usr/lib/systemd/system'];
    const paths = directories.map((each) => join(this.root, each));
    const units = paths.flatMap((path) => unitFilesIn(path));
    const version = await this.#systemdVersion();
    this.#systemd = version;
    if (version === undefined) {
      this.leftOut.push('systemd-analyze verify (as root: apt-get install systemd)');
      return;
    }
    const env = {
      PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
      SYSTEMD_UNIT_PATH: [...paths, ''].join(delimiter),
    };
    const argv = ['systemd-analyze', 'verify', '--man=no', ...units];
    const { status, stderr } = await this.#programs.run(argv, env);
    if (status !== 0 || stderr.includes(this.root)) {
      throw new Error(`systemd-analyze verify: status ${status}\n${stderr}`);
    }
    this.note = `systemd-analyze verify ${version} has read ${units.length} unit files and found nothing wrong`;
  }

  async #systemdVersion(): Promise<string | undefined> {
    try {
      const said = await this.#programs.output(['systemd-analyze', '--version']);
      return /\(([^)]+)\)/.exec(said)?.[1];
    } catch {
      return undefined; // not installed
    }
  }

  async #work([worker = '', ...args]: readonly string[]): Promise<boolean> {
    const program = this.#installed(`workers/${worker}.js`);
    const manifest = join(this.root, 'etc/bindsto/manifest.json');
    const place = ['--root', this.root, '--manifest', manifest];
    const { status } = await this.#programs.run([process.execPath, program, ...place, ...args]);
    return status === 0;
  }

  /** What has come and gone since it was last looked at. */
  async #look(): Promise<void> {
    const status: StatusJson = JSON.parse(await this.bindsto(['status', '--json']));
    for (const each of this.#standing.follow(status)) this.#tell(each);
  }

  #tell(happening: Omit<Happening, 'seconds'>): void {
    this.#news.push({ ...happening, seconds: (Date.now() - this.#actBegan) / 1000 });
  }

  #installed(path: string): string {
    return join(this.root, 'usr/lib/bindsto/lib', path);
  }
}

function unitOf([worker = '', flag, name]: readonly string[]): string {
  return flag === undefined ? `${worker}.service` : `${worker}@${name}.service`;
}

/** They listen where a manifest says so; here none does. */
const isListener = /^acme-http@\./;

function unitFilesIn(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return names.filter((name) => !isListener.test(name)).map((name) => join(directory, name));
}
