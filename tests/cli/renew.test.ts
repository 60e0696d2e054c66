import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';

describe('renew, below another root', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
  });
  after(() => sample.remove());

  const run = (...argv: string[]) => bindsto([...argv, '--root', sample.root]);
  const generation = async (name: string) =>
    JSON.parse((await run('show', '--json', name)).stdout).item.generation;

  it('what is not due is left alone, and that is no failure', async () => {
    const before = await generation('mail.example.com');
    const { status, stdout, stderr } = await run('renew', 'mail.example.com');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(
      stdout,
      /^cert@mail\.example\.com: not due before 2027-01-\d\d \d\d:\d\d UTC; --force renews/,
    );
    assert.equal(await generation('mail.example.com'), before);
  });

  it('--force renews what is not due', async () => {
    const before = await generation('mail.example.com');
    const { status, stdout } = await run('renew', '--force', 'cert@mail.example.com');
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^cert@mail\.example\.com: renewed: issued by local, serial (?:[0-9a-f]{2}:){15}[0-9a-f]{2}, valid until 2027-02-19 \(89 d\)\n$/,
    );
    assert.notEqual(await generation('mail.example.com'), before);
  });

  it('a failure has a reason, a hint, a next try and a status; the others go on', async () => {
    const { status, stdout } = await run('renew', 'shop.example.org', 'www.example.com');
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^cert@shop\.example\.org: failed\n {4}Reason: issuer local: .* \(configuration\)\n {6}Hint: permit it in .*\n {2}Next try: in \d+ min \(.* UTC\)\ncert@www\.example\.com: renewed: /,
    );
  });

  it('--json says the same', async () => {
    const { status, stdout } = await run('renew', '--json', 'shop.example.org', 'www.example.com');
    assert.equal(status, 1);
    const [shop, www] = JSON.parse(stdout).certificates;
    assert.deepEqual(
      [shop.result, shop.error.code, typeof shop.next, www.result],
      ['failed', 'configuration', 'string', 'not-due'],
    );
  });

  it('names are suggested, and an artifact is none of its business', async () => {
    const unknown = await run('renew', 'mail.exampel.com');
    assert.equal(unknown.status, 4);
    assert.match(unknown.stderr, /did you mean 'mail\.example\.com'\?/);
    const artifact = await run('renew', 'api-token');
    assert.equal(artifact.status, 2);
    assert.match(
      artifact.stderr,
      /artifact@api-token is no certificate\n.*systemctl start artifact@/,
    );
  });

  it('a clock that is obviously wrong renews nothing', async () => {
    const now = () => new Date('2020-01-01T00:00:00Z');
    const argv = ['renew', 'shop.example.org', '--root', sample.root];
    const { status, stderr } = await bindsto(argv, { now });
    assert.equal(status, 1);
    assert.match(stderr, /error: the clock says 2020.*\nbindsto: hint: nothing is renewed until/);
  });
});
