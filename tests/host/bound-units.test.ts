import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addedByDropIns, bindingsBelow, instancesWithDropIns } from '../../src/host/bound-units.ts';
import { temporaryDirectory } from './support.ts';

function tree(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = temporaryDirectory(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(root, path));
    else writeFileSync(join(root, path), text);
  }
  return root;
}

const bindings = (t: TestContext, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(bindingsBelow(tree(t, files)));

test('a unit is bound to all that its lines name, each once', (t) => {
  const text = '[Unit]\nBindsTo=a.target b.target\nBindsTo = b.target  c.target\n';
  assert.deepEqual(bindings(t, { 'etc/systemd/system/x.service': text }), {
    'x.service': ['a.target', 'b.target', 'c.target'],
  });
});

test('comments do not count, nor do other sections, and a line goes on after a backslash', (t) => {
  const text = [
    '# BindsTo=no.target',
    '; BindsTo=no.target',
    '[Service]',
    'BindsTo=no.target',
    '[Unit]',
    '  BindsTo=a.target \\',
    '  # a comment in the middle',
    '    b.target',
    'Description=a backslash at the end\\\\',
    'BindsTo="c.target" d@\\x2ax.target e%%f.target',
  ].join('\n');
  assert.deepEqual(bindings(t, { 'usr/lib/systemd/system/x.service': text }), {
    'x.service': ['a.target', 'b.target', 'c.target', 'd@\\x2ax.target', 'e%f.target'],
  });
});

test('an empty assignment does not reset a dependency', (t) => {
  const text = '[Unit]\nBindsTo=a.target\nBindsTo=\nBindsTo=b.target\n';
  assert.deepEqual(bindings(t, { 'etc/systemd/system/x.service': text }), {
    'x.service': ['a.target', 'b.target'],
  });
});

test('drop-ins add, the first directory hides the others, and a masked unit has nothing', (t) => {
  const unit = (target: string) => `[Unit]\nBindsTo=${target}\n`;
  const files = {
    'etc/systemd/system/x.service': unit('admin.target'),
    'usr/lib/systemd/system/x.service': unit('hidden.target'),
    'usr/lib/systemd/system/x.service.d/20-b.conf': unit('vendor.target'),
    'run/systemd/generator/x.service.d/10-a.conf': unit('generated.target'),
    'usr/lib/systemd/system/x.service.d/10-a.conf': unit('hidden.target'),
    'usr/lib/systemd/system/x.service.d/30-c.txt': unit('no.target'),
    'usr/lib/systemd/system/masked.service': unit('a.target'),
    'etc/systemd/system/masked.service': '-> /dev/null',
  };
  assert.deepEqual(bindings(t, files), {
    'x.service': ['admin.target', 'generated.target', 'vendor.target'],
  });
});

test('an alias is not a unit of its own, and a link of the same name leads below the root', (t) => {
  const files = {
    'store/x.service': '[Unit]\nBindsTo=a.target\n',
    'etc/systemd/system/x.service': '-> /store/x.service',
    'etc/systemd/system/alias.service': '-> x.service',
    'etc/systemd/system/multi-user.target.wants/x.service': '-> ../x.service',
  };
  assert.deepEqual(bindings(t, files), { 'x.service': ['a.target'] });
});

test('templates are passed over, and a tree without units has no bindings', (t) => {
  const template = { 'etc/systemd/system/x@.service': '[Unit]\nBindsTo=cert@%i.target\n' };
  assert.deepEqual(bindings(t, template), {});
  assert.deepEqual(bindings(t, {}), {});
});

test('what drop-ins add to a list is given with its file; an empty assignment resets it', (t) => {
  const generated = 'run/systemd/generator/w@.service.d/50-bindsto.conf';
  const root = tree(t, {
    'usr/lib/systemd/system/w@.service': '[Service]\nReadWritePaths=/usual\n',
    [generated]: '[Service]\nReadWritePaths=-/etc/a "-/etc/with space"\n',
    'etc/systemd/system/w@.service.d/10-early.conf':
      '[Service]\nReadWritePaths=/gone\nReadWritePaths=\nReadWritePaths=/kept\n',
  });
  assert.deepEqual(
    addedByDropIns(root, 'w@.service', 'Service', 'ReadWritePaths'),
    [
      ['/kept', 'etc/systemd/system/w@.service.d/10-early.conf'],
      ['-/etc/a', generated],
      ['-/etc/with space', generated],
    ].map(([word = '', file = '']) => ({ word, file: join(root, file) })),
  );
});

test('instances that have drop-ins of their own are found wherever these are', (t) => {
  const text = '[Service]\nReadWritePaths=/x\n';
  const root = tree(t, {
    'run/systemd/generator/w@a.service.d/50-bindsto.conf': text,
    'etc/systemd/system/w@b.example.service.d/x.conf': text,
    'etc/systemd/system/w@a.service.d/x.conf': text,
    'etc/systemd/system/w@.service.d/x.conf': text,
    'etc/systemd/system/w@c.socket.d/x.conf': text,
    'etc/systemd/system/ww@d.service.d/x.conf': text,
  });
  const found = instancesWithDropIns(root, 'w@.service');
  assert.deepEqual(found, ['w@a.service', 'w@b.example.service']);
});
