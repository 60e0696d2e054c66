import type { Container } from '../harness/container.ts';
import { eventually } from './host.ts';

/** Active states of units, in the order in which they are named. */
export async function states(host: Container, ...units: readonly string[]): Promise<string[]> {
  const { stdout } = await host.exec(['systemctl', 'is-active', '--', ...units]);
  return stdout.trim().split('\n');
}

/** Waits until each of these units is active. */
export async function active(host: Container, ...units: readonly string[]): Promise<void> {
  const all = units.map(() => 'active');
  await become(host, units, all);
}

/** Waits until these units are inactive, and not failed. */
export async function inactive(host: Container, ...units: readonly string[]): Promise<void> {
  const all = units.map(() => 'inactive');
  await become(host, units, all);
}

async function become(host: Container, units: readonly string[], wanted: readonly string[]) {
  const is = (found: readonly string[]) => found.join() === wanted.join();
  await eventually(`${units.join(' ')}: ${wanted[0]}`, () => states(host, ...units), is);
}

const ours = ['bindsto-*.service', 'cert*.service', 'artifact*.service'];
const spools = ['/run/bindsto/spool', '/run/bindsto/spool-acme', '/run/bindsto/claimed'];

/** Waits until nothing of ours runs, no job waits, and nothing lies in a spool: what has not happened by then does not happen. */
export async function idle(host: Container, seconds = 60): Promise<void> {
  const script = `
    systemctl list-units --no-legend --plain --state=activating,deactivating ${ours.map((pattern) => `'${pattern}'`).join(' ')}
    systemctl list-jobs --no-legend
    find ${spools.join(' ')} -mindepth 1 -not -name '.*' 2>/dev/null`;
  const look = () => host.run('sh', '-c', `${script}; :`);
  let quiet = 0;
  const is = (found: string) => {
    quiet = found === '' ? quiet + 1 : 0;
    return quiet >= 4;
  };
  await eventually('nothing moves', look, is, seconds);
}

/** How often a process of each of our units was started in this boot. */
export async function processes(host: Container): Promise<Record<string, number>> {
  const argv = ['journalctl', '--boot', '--quiet', '--output=json', '--output-fields=UNIT'];
  // 7d4958e842da4a758f6c1cdc7b36dcc5 is SD_MESSAGE_UNIT_STARTING, see systemd.journal-fields(7)
  const starting = 'MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5';
  await host.run('journalctl', '--sync');
  const lines = (await host.run(...argv, starting)).split('\n').filter((line) => line !== '');
  const counts: Record<string, number> = {};
  for (const line of lines) {
    const unit: string = JSON.parse(line).UNIT;
    if (!/^(bindsto|cert|artifact)[\w@-].*\.service$/.test(unit)) continue;
    counts[unit] = (counts[unit] ?? 0) + 1;
  }
  return counts;
}

/** Messages of PID 1 about a unit in this boot: its jobs, and how they ended. */
export async function saidOf(host: Container, unit: string): Promise<string[]> {
  const text = await host.journal(`UNIT=${unit}`, '_PID=1');
  return text.split('\n').filter((line) => line !== '');
}

/** Units that have failed. */
export async function failed(host: Container): Promise<string[]> {
  const text = await host.systemctl('list-units', '--failed', '--no-legend', '--plain');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[0] ?? '');
}
