import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { commands } from '../../src/cli/commands.ts';
import { parse } from '../../src/cli/parse.ts';
import { inRepository } from '../harness/repository.ts';
import { bindsto } from './run.ts';

const usage = async (...argv: string[]) => {
  const { status, stdout, stderr } = await bindsto(argv);
  assert.equal(stdout, '');
  assert.equal(status, 2);
  return stderr;
};

it('an unknown command is one line, and a hint at what was meant', async () => {
  assert.equal(
    await usage('lits'),
    'bindsto: error: unknown command "lits"\nbindsto: hint: did you mean \'list\'?\n',
  );
  assert.match(await usage('frobnicate'), /hint: see 'bindsto --help'\n$/);
  assert.match(await usage(), /error: no command is given\n/);
});

it('an unknown option is an error of the command line', async () => {
  assert.equal(
    await usage('list', '--flul'),
    'bindsto: error: unknown argument "flul"\nbindsto: hint: did you mean \'--full\'?\n',
  );
  assert.match(
    await usage('list', 'extra'),
    /unknown argument "extra"\n.*see 'bindsto list --help'/,
  );
});

it('options need their values, once, and of the right kind', async () => {
  assert.match(await usage('list', '--root'), /error: --root takes a value\n/);
  assert.match(
    await usage('list', '--root', '/a', '--root', '/b'),
    /--root is given more than once/,
  );
  assert.match(await usage('list', '--color', 'blue'), /--color: expected one of "auto", "always"/);
  assert.match(await usage('logs', 'a', '-n', 'many'), /--lines: expected a number/);
  assert.match(await usage('logs'), /error: a name is missing\n/);
  assert.match(await usage('check', 'a', 'b'), /unknown argument "b"/);
});

it('with --json an error is one JSON object on standard error', async () => {
  assert.deepEqual(JSON.parse(await usage('lits', '--json')), {
    version: 1,
    error: { code: 'usage', message: 'unknown command "lits"', hint: "did you mean 'list'?" },
  });
});

it('an error shows where it comes from only with --debug', async () => {
  const { stderr: plain } = await bindsto(['list', '--root', '/nonexistent']);
  assert.match(plain, /^bindsto: error: .*\nbindsto: hint: .*\n$/);
  const { stderr: debug } = await bindsto(['list', '--root', '/nonexistent', '--debug']);
  assert.match(debug, /\n {4}at /);
});

it('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  assert.equal((await bindsto(['--version'])).stdout, `bindsto ${version}\n`);
});

it('--help shows the commands in the order in which one needs them', async () => {
  const { status, stdout, stderr } = await bindsto(['--help']);
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^bindsto: TLS certificates and secrets as systemd units\n/);
  const named = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
  assert.deepEqual(named, [
    ...['status', 'show', 'list', 'check', 'renew', 'doctor'],
    ...['logs', 'graph', 'plan', 'validate'],
  ]);
});

for (const { name, load } of commands) {
  it(`${name} --help fits a terminal, and its examples are commands that can be given`, async () => {
    const { status, stdout } = await bindsto([name, '--help']);
    assert.equal(status, 0);
    const wide = stdout.split('\n').filter((line) => line.length > 100);
    assert.deepEqual(wide, []);
    const command = await load();
    assert.ok(command.examples.length >= 2 && command.examples.length <= 4);
    for (const [line] of command.examples) {
      const argv =
        line
          .split(/ [|>] | \|\| /)[0]
          ?.split(' ')
          .slice(1) ?? [];
      assert.equal(argv[0], name);
      await parse(name, command, argv);
    }
  });
}

it('messages are English, whatever the locale', async () => {
  const { LC_ALL } = process.env;
  process.env.LC_ALL = 'de_DE.UTF-8';
  try {
    assert.match(await usage('logs'), /a name is missing/);
    assert.match(await usage('list', '--nope'), /unknown argument/);
  } finally {
    if (LC_ALL === undefined) delete process.env.LC_ALL;
    else process.env.LC_ALL = LC_ALL;
  }
});
