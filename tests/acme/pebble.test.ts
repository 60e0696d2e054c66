import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getText } from './get-text.ts';
import { needsPebble, pebble } from './pebble.ts';

test('Pebble runs, falls silent, goes on, stops and starts again at the same place', async (t) => {
  if (!needsPebble(t)) return;
  const server = await pebble(t);
  const directory = () => getText(server.url, server.trustedRoots);
  assert.match(await directory(), /newOrder/);
  assert.ok(server.requests('/dir') >= 1);
  const root = await server.root();
  assert.match(root, /^-----BEGIN CERTIFICATE-----/);

  server.silence();
  await assert.rejects(directory(), /no answer/);
  server.goOn();
  await directory();

  await server.stop();
  await assert.rejects(directory(), /ECONNREFUSED/);
  await server.start();
  await directory();
  assert.notEqual(await server.root(), root);
});
