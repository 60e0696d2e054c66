import assert from 'node:assert/strict';
import { it } from 'node:test';
import { asResponder, asTheFile } from '../../src/cli/doctor/asking.ts';
import { problem, unknown } from '../../src/cli/doctor/check.ts';
import { unsynchronised } from '../../src/cli/doctor/clock.ts';
import { domainsByHttp, nameFindings } from '../../src/cli/doctor/names.ts';
import { unitFindings } from '../../src/cli/doctor/units.ts';
import { printResult } from '../../src/cli/doctor-words.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { parseTimeSync } from '../../src/host/time-sync.ts';
import { loadManifest } from '../../src/manifest/load.ts';

const words = (findings: readonly { verdict: string; found: string }[]) =>
  findings.map(({ verdict, found }) => `${verdict}: ${found}`);

const name = (addresses: readonly string[], own: readonly string[]) =>
  words(nameFindings('a.example', { addresses }, own));

it('a name that leads to this host, and nowhere else, is in order', () => {
  assert.deepEqual(name(['203.0.113.7', '2001:DB8:0::7'], ['203.0.113.7', '2001:db8::7']), []);
});

it('one of its addresses is elsewhere: a CA may ask that one', () => {
  assert.deepEqual(name(['203.0.113.7', '2001:db8::9'], ['203.0.113.7', '2001:db8::7']), [
    'problem: it leads to 2001:db8::9, which no interface of this host has',
  ]);
  assert.deepEqual(name(['203.0.113.7', '2001:db8::9'], ['203.0.113.7', 'fe80::1']), [
    'problem: it leads to 2001:db8::9, which no interface of this host has',
  ]);
});

it('a host with private addresses alone may stand behind a router', () => {
  for (const own of ['10.0.0.2', '192.168.1.2', '172.31.0.2', '100.64.0.2']) {
    assert.match(name(['203.0.113.7'], [own])[0] ?? '', /^unknown: it leads to 203/);
  }
  assert.match(name(['2001:db8::9'], ['fd00::2'])[0] ?? '', /^unknown/);
  assert.match(name(['203.0.113.7'], ['172.32.0.2'])[0] ?? '', /^problem/);
});

it('only names that a CA asks for by HTTP-01 are looked up, each once', () => {
  const acme = { issuers: ['https://ca.example/'], webroot: '/srv' };
  const items = {
    'a.example': { ...acme, extraDomainNames: ['b.example', 'a.example'] },
    'b.example': acme,
    'local.example': {},
  };
  const { certificates } = loadManifest(JSON.stringify({ version: 1, certificates: { items } }));
  assert.deepEqual(domainsByHttp(certificates), ['a.example', 'b.example']);
});

it('each state of a unit has its own remedy', () => {
  const well = { LoadState: 'loaded', ActiveState: 'active', WantedBy: 'timers.target' };
  const advice = (how: Record<string, string>) =>
    unitFindings('x.timer', { ...well, ...how }).map(({ advice }) => advice);
  assert.deepEqual(advice({}), []);
  assert.match(advice({ ActiveState: 'failed' })[0] ?? '', /^systemctl reset-failed/);
  assert.match(advice({ ActiveState: 'inactive' })[0] ?? '', /^systemctl enable --now/);
  assert.match(advice({ LoadState: 'masked' })[0] ?? '', /^systemctl unmask/);
  assert.match(advice({ LoadState: 'not-found' })[0] ?? '', /^install/);
  assert.match(advice({ WantedBy: '' })[0] ?? '', /^systemctl enable x/);
  assert.match(unitFindings('x.timer', {})[0]?.advice ?? '', /^install/);
});

it('a clock that somebody is to set and has not is a problem; one that nobody sets may be right', () => {
  const of = (ntp: string, synchronised: string) =>
    words(unsynchronised(parseTimeSync(`NTP=${ntp}\nNTPSynchronized=${synchronised}\n`)));
  assert.deepEqual(of('yes', 'yes'), []);
  assert.deepEqual(of('no', 'yes'), []);
  assert.deepEqual(of('yes', 'no'), ['problem: the clock is not synchronised yet']);
  assert.deepEqual(of('no', 'no'), ['unknown: nothing is known to keep the clock right']);
  assert.deepEqual(unsynchronised(parseTimeSync('no such program')), []);
});

it('what a server says is made harmless', () => {
  const location = 'https://a.example/\u001b]0;x\u0007';
  const answer = { status: 301, location, body: '' };
  const found = words(asTheFile('a.example', answer, { directory: '/srv', text: 'x' }));
  assert.deepEqual(found, ['unknown: the server redirects to https://a.example/\\x1b]0;x\\x07']);
});

it('only the file that was put there is good enough', () => {
  const file = { directory: '/srv', text: 'secret-of-the-moment' };
  const answer = (status: number, body: string) =>
    words(asTheFile('a.example', { status, location: undefined, body }, file));
  assert.deepEqual(answer(200, 'secret-of-the-moment\n'), []);
  assert.match(answer(200, '<html>')[0] ?? '', /^problem: the server gives something else/);
  assert.match(answer(403, '')[0] ?? '', /^problem: the server answers 403/);
});

it('only the answer of the responder is good enough', () => {
  const expected = { status: 404, location: undefined, body: 'not found\n' };
  const answer = (status: number, body: string) =>
    words(asResponder('a.example', { status, location: undefined, body }, expected));
  assert.deepEqual(answer(404, 'not found\n'), []);
  assert.match(answer(404, '<html>')[0] ?? '', /^problem: the server answers by itself \(404\)/);
});

it('findings that differ only in what they are about are one line, problems first', () => {
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text) };
  const world = { argv: [], env: {}, uid: 0, now: () => new Date(), stdout: output };
  const terminal = new Terminal({ ...world, stderr: output }, 'never');
  const unanswered = ['a', 'b', 'c', 'd', 'e'].map((about) => unknown(about, 'no answer'));
  const findings = [...unanswered, problem('f', 'no address', 'publish one')];
  printResult(terminal, { name: 'names', fine: '', findings, verdict: 'problem' });
  assert.equal(
    lines.join(''),
    `× names        problem f: no address
                       → publish one
○ names        unknown a, b, c and 2 more: no answer
`,
  );
});
