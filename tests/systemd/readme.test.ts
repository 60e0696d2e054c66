import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { inRepository } from '../harness/repository.ts';
import { caUrl, createAcmeHost } from './acme-host.ts';
import { createHost, eventually } from './host.ts';

const readme = readFileSync(inRepository('README.md'), 'utf8');

/** The code blocks of a language in a section, in the order of the page. */
function blocks(section: string, language: string): string[] {
  const text = readme.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? '';
  return [...text.matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, name, block = '']) =>
    name === language ? [block] : [],
  );
}

function commandsOf(section: string): string[] {
  const lines = blocks(section, 'console').join('').split('\n');
  return lines.flatMap((line) => /^\$ (.*?)(?: +#.*)?$/.exec(line)?.[1] ?? []);
}

describe('the examples of the README', () => {
  let host: Container;

  before(async () => {
    host = await createHost({
      manifest: {
        certificates: { defaults: { issuers: ['local'] }, items: { 'mail.example.com': {} } },
        artifacts: {
          items: {
            'smtp-password': {
              backend: 'dummy',
              generator: '/opt/generate',
              files: { password: {} },
            },
          },
        },
      },
      units: {
        'mail.service': `${blocks('Using it', 'ini').join('')}[Service]\nExecStart=/bin/sleep infinity\n`,
      },
    });
    await host.write('/opt/generate', '#!/bin/sh\necho secret >"$out/password"\n', { mode: 0o755 });
    await host.boot();
  });
  after(() => host.stop());

  it('make a service start with what it is bound to', async () => {
    await eventually('mail.service', () => host.isActive('mail.service'));
  });

  it('are commands that succeed', async () => {
    const commands = commandsOf('Using it');
    assert.ok(commands.length > 2);
    for (const command of commands) await host.sh(command);
  });
});

describe('the host with nginx of the README', () => {
  const section = "A certificate from Let's Encrypt, behind nginx";
  const manifest = JSON.parse(blocks(section, 'json')[0] ?? '{}');
  const { defaults } = manifest.certificates;
  const [dropIn = ''] = blocks(section, 'ini');
  const root = '/etc/pebble/issued-by.pem';
  let host: Container;

  before(async () => {
    host = await createAcmeHost({
      manifest: {
        ...manifest,
        certificates: { ...manifest.certificates, defaults: { ...defaults, issuers: [caUrl] } },
      },
    });
    await host.write('/etc/systemd/system/nginx.service.d/bindsto.conf', dropIn);
    await host.write('/etc/nginx/sites-enabled/default', blocks(section, 'nginx').join(''));
    await host.systemctl('enable', 'nginx.service');
    await host.boot();
  });
  after(() => host.stop());

  it('gets a certificate from a CA, after a start on the placeholder and with one reload', async () => {
    assert.deepEqual(defaults.issuers, ['https://acme-v02.api.letsencrypt.org/directory']);
    const shown = async () => (await host.exec(['bindsto', 'show', 'www.example.com'])).stdout;
    await eventually('a certificate', shown, (text) => /State: valid/.test(text), 90);
    await eventually('its target', () => host.isActive('cert@www.example.com.target'));
    await host.sh(`curl -sSk https://127.0.0.1:15000/roots/0 >${root}`);
    const resolve = '--resolve example.com:443:127.0.0.1';
    const serves = () =>
      host.exec(['sh', '-c', `curl -sS --cacert ${root} ${resolve} https://example.com`]);
    await eventually('nginx serves it', serves, ({ status }) => status === 0);
    const said = await host.journal('-u', 'nginx.service');
    assert.equal(said.match(/^Reloaded nginx/gm)?.length, 1, said);
    assert.equal(said.match(/^Started nginx/gm)?.length, 1, said);
  });

  it('has commands that say where it stands', async () => {
    const commands = commandsOf(section);
    assert.ok(commands.length > 3);
    for (const command of commands) {
      const { status, stdout, stderr } = await host.exec(['sh', '-euc', command]);
      // the doctor finds that the names lead nowhere: this host has no resolver
      const isFine = status === 0 || command === 'bindsto doctor';
      assert.ok(isFine, `${command}: ${status}\n${stdout}${stderr}`);
      assert.match(`${stdout}${stderr}`, command.startsWith('bindsto') ? /./ : /^$/, command);
    }
  });
});
