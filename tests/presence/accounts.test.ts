import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BindstoError } from '../../src/errors.ts';
import { type FailureDetails, recordAttempt, type Tried } from '../../src/host/attempts.ts';
import { accountsOf } from '../../src/manifest/issuers.ts';
import type { Manifest } from '../../src/manifest/types.ts';
import { Declared } from '../../src/presence/declared.ts';
import { enqueueDue } from '../../src/presence/due.ts';
import { lookAt } from '../../src/presence/look.ts';
import { emptyMemory, type Memory } from '../../src/presence/memory.ts';
import { statusOfItems } from '../../src/presence/status.ts';
import { certificateOf, manifestOf } from '../certificates/support.ts';
import { begin, type FakeHost, fakeHost } from './fakes.ts';

const minute = 60_000;
const ca = 'https://ca.example/directory';
const other = 'https://other.example/directory';
const webroot = '/srv/www';

describe('an account that gets nothing at this time', () => {
  let root: string;
  let manifest: Manifest;
  let host: FakeHost;
  let memory: Memory;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bindsto-accounts-'));
    manifest = manifestOf({
      'a.example': { issuers: [ca], webroot },
      'b.example': { issuers: [ca], webroot },
      'c.example': { issuers: [ca], webroot, environmentFile: '/etc/token' },
      'both.example': { issuers: [ca, other], webroot },
      'local.example': { issuers: [ca, 'local'], webroot },
      'self.example': { issuers: [ca, 'selfsigned'], webroot },
      'private.example': {},
    });
    host = fakeHost(root, manifest);
    memory = emptyMemory();
    mkdirSync(host.context.places.sentinel, { recursive: true });
    mkdirSync(host.context.places.artifactAttempts, { recursive: true });
    for (const { instance } of manifest.certificates) {
      mkdirSync(`${host.context.places.acme}/${instance}`);
    }
  });

  afterEach(() => rmSync(root, { recursive: true }));

  const setOf = (name: string) => `start cert-renew@${certificateOf(manifest, name).set}.service`;
  const accountOf = (issuer: string): Tried => {
    const all = manifest.certificates.flatMap(accountsOf);
    return { kind: 'account', instance: all.find((each) => each.issuer === issuer)?.id ?? '' };
  };
  const fails = (item: Tried, details: FailureDetails = {}) =>
    recordAttempt(
      host.context.places,
      item,
      new BindstoError('unavailable', 'connection refused'),
      host.now,
      details,
    );
  const later = (milliseconds: number) => {
    host.now = new Date(host.now.getTime() + milliseconds);
  };
  const look = async (...names: string[]) => {
    host.asked.length = 0;
    const wanted = manifest.certificates.filter(({ name }) => names.includes(name));
    const declared = new Declared({ ...manifest, certificates: wanted });
    const found = lookAt(host.context, declared, declared.all());
    await enqueueDue(host.context, declared, memory, { found, isAll: true, gone: new Set() });
    return [...host.asked];
  };

  it('is what all of its certificates wait for, and is told as their reason', () => {
    const { next } = fails(accountOf(ca));
    const status = statusOfItems(host.context).get('certificate:a.example');
    assert.equal(status?.state, 'missing');
    assert.equal(status?.nextTry, next);
    assert.equal(status?.lastError?.message, 'connection refused');
    const private_ = statusOfItems(host.context).get('certificate:private.example');
    assert.equal(private_?.lastError, undefined);
  });

  it('starts nothing before its time, and then one batch of each set that needs it', async () => {
    fails(accountOf(ca));
    const names = ['a.example', 'b.example', 'c.example'];
    assert.deepEqual(await look(...names), []);
    assert.equal(host.timer, 60);
    later(minute - 1);
    assert.deepEqual(await look(...names), []);
    later(1);
    assert.deepEqual(await look(...names), [setOf('a.example'), setOf('c.example')]);
    assert.deepEqual(await look(...names), [], 'it answers no echo');
    fails(accountOf(ca));
    assert.deepEqual(await look(...names), []);
    assert.equal(host.timer, 180);
  });

  it('is tried at the time that its CA has told, to the second', async () => {
    fails(accountOf(ca), { retryAfter: new Date(begin.getTime() + 90_000) });
    assert.deepEqual(await look('a.example'), []);
    assert.equal(host.timer, 90);
    later(89_999);
    assert.deepEqual(await look('a.example'), []);
    later(1);
    assert.deepEqual(await look('a.example'), [setOf('a.example')]);
  });

  it('is not tried for certificates that nobody declares', async () => {
    fails(accountOf(ca));
    later(minute);
    assert.deepEqual(await look(), []);
    assert.equal(host.timer, undefined);
  });

  it('holds up no certificate that another one may get', async () => {
    fails(accountOf(ca));
    assert.deepEqual(await look('both.example'), [setOf('both.example')]);
    fails(accountOf(other));
    memory = emptyMemory();
    assert.deepEqual(await look('both.example'), []);
  });

  it('holds up no stand-in: the set local makes its own, others are made where they are wanted', async () => {
    fails(accountOf(ca));
    assert.deepEqual(await look('local.example'), ['start cert-renew@local.service']);
    assert.deepEqual(await look('self.example'), [setOf('self.example')]);
  });

  it('is waited for by who has failed before as well, whose own unit would have nothing to say', async () => {
    fails({ kind: 'certificate', instance: 'a.example' });
    later(minute);
    fails(accountOf(ca));
    assert.deepEqual(await look('a.example'), []);
    later(minute);
    assert.deepEqual(await look('a.example'), [setOf('a.example')]);
  });
});
