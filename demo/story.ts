import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { belongsToStory, type Expected, follow } from './follow.ts';
import type { Chronicle } from './report.ts';
import { manifestWithout, namesOf, type Scenario, writeBelow } from './scenario.ts';
import type { Act, Happening, Stage } from './stage.ts';
import type { ItemJson, StatusJson } from './standing.ts';
import type { Teller } from './teller.ts';

/** The artifact that leaves the configuration. */
const leaver = 'smtp-password';

const expectations: Readonly<Record<Act, Expected>> = {
  boot: {
    'mail.service': 'started',
    'web.service': 'started',
    'front.service': 'started',
    'api.service': 'started',
    'nginx.service': 'started',
    'backup.service': 'waits',
    'shop.service': 'waits',
  },
  key: { 'artifact@backup-passphrase.target': 'present', 'backup.service': 'started' },
  switch: { [`artifact@${leaver}.target`]: 'gone', 'mail.service': 'stopped' },
};

/** What only a machine with nginx and Pebble can do. */
const withServers: Expected = {
  'cert@blog.example.org.target': 'present',
  'nginx.service': 'reloaded',
};

const origins: Readonly<Record<string, string>> = {
  'mail.example.com': 'issued by the built-in CA',
  'www.example.com': 'issued by the built-in CA, also for example.com',
  'shop.example.net': 'the CA may only sign example.com: a placeholder for now',
  'blog.example.org': 'from an ACME CA, by HTTP-01 through nginx, which starts on a placeholder',
  'api.example.com': 'its ACME CA is down: from the built-in CA meanwhile',
  'session-key': 'made on the machine by a script, anew at each boot',
  'smtp-password': 'decrypted from an age file, by a key that is there',
  'backup-passphrase': 'decrypted from an age file, by a key on a USB stick: not yet',
};

export function tellConfiguration(teller: Teller, { manifest, services }: Scenario): void {
  teller.act('A configuration: what a machine is to have, and who needs it');
  const items = [
    ...Object.keys(manifest.certificates.items).map((name) => ['certificate', name]),
    ...Object.keys(manifest.artifacts.items).map((name) => ['artifact', name]),
  ];
  for (const [kind = '', name = ''] of items) {
    teller.row([kind, name, origins[name] ?? ''], [11, 17]);
  }
  for (const { name, bindsTo } of services) teller.row([name, 'binds to', ...bindsTo], [15]);
}

/** What happens on the stage, told as it does. */
export async function play(
  teller: Teller,
  scenario: Scenario,
  stage: Stage,
  breath: number,
): Promise<Chronicle> {
  const chronicle: { act: Act; happening: Happening }[] = [];
  const isOurs = belongsToStory(scenario.services);
  const act = async (name: Act, title: string, note?: string) => {
    await sleep(breath);
    teller.act(title);
    if (note !== undefined) teller.line(note);
    const more = name === 'boot' && stage.kind === 'container' ? withServers : {};
    await follow(stage, name, { ...expectations[name], ...more }, (happening) => {
      if (!isOurs(happening)) return;
      chronicle.push({ act: name, happening });
      teller.happening(happening, stage.kind);
    });
  };

  await act('boot', stage.heading, stage.note);
  const status: StatusJson = JSON.parse(await stage.bindsto(['status', '--json']));
  await tellWaiting(teller, stage, status);
  tellStandIns(teller, status);

  writeBelow(stage.root, scenario.lateKey);
  await act('key', `The USB stick is plugged in: ${scenario.lateKey.path} is there`);

  const before = await stage.states(namesOf(scenario));
  writeBelow(stage.root, manifestWithout(scenario, leaver));
  await act('switch', `A switch to a configuration without ${leaver}`);
  await tellLeaving(teller, scenario, stage, before);

  await sleep(breath);
  teller.act('bindsto status');
  teller.quote(await stage.bindsto(['status'], teller.columns));
  teller.act('bindsto graph');
  teller.quote(await stage.bindsto(['graph'], teller.columns));
  return chronicle;
}

async function tellWaiting(
  teller: Teller,
  stage: Stage,
  { items, services }: StatusJson,
): Promise<void> {
  const waiting = services.filter(({ waitsFor }) => waitsFor.length > 0);
  const states = await stage.states(waiting.map(({ unit }) => unit));
  const isInactive = waiting.every(({ unit }) => states.get(unit)?.activeState === 'inactive');
  teller.line(`${waiting.length} services wait${isInactive ? ', inactive and not failed' : ''}:`);
  for (const { unit, waitsFor } of waiting) {
    const item = items.find((each) => waitsFor.includes(each.unit));
    teller.row([unit, reasonOf(item)], [15]);
  }
}

/** Who has a certificate, and wants another one. */
function tellStandIns(teller: Teller, { items }: StatusJson): void {
  for (const { name, why = '', nextTry, present } of items) {
    if (!present || nextTry === undefined) continue;
    const seconds = Math.round((Date.parse(nextTry) - Date.now()) / 1000);
    teller.line(`${name}: ${why}; next try in ${seconds} s`);
  }
}

async function tellLeaving(
  teller: Teller,
  scenario: Scenario,
  stage: Stage,
  before: Awaited<ReturnType<Stage['states']>>,
): Promise<void> {
  const content = join(stage.root, 'run/artifacts', leaver);
  const deadline = Date.now() + 10_000;
  while (existsSync(content) && Date.now() < deadline) await sleep(20);
  if (existsSync(content)) throw new Error(`${content} is still there`);
  const after = await stage.states(namesOf(scenario));
  const alone = [...after].filter(
    ([unit, { activeState, invocationId }]) =>
      activeState === 'active' && invocationId === before.get(unit)?.invocationId,
  );
  const others = alone.map(([unit]) => unit).join(', ');
  teller.line(
    `Its content is wiped${others === '' ? '' : `; ${others} run on, without a restart`}.`,
  );
}

/** The part of the message that says what is missing. */
function reasonOf(item: ItemJson | undefined): string {
  const parts = item?.lastError?.message.split(': ') ?? [];
  return parts.find((part) => part.startsWith('waiting for')) ?? parts.at(-1) ?? 'nothing yet';
}
