import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Standing, type StatusJson } from '../../demo/standing.ts';

const cert = 'cert@a.example.target';
const files = 'cert-files@a.example.target';

function status(present: boolean, waiting: { web: boolean; front: boolean }): StatusJson {
  return {
    items: [
      {
        kind: 'certificate',
        name: 'a.example',
        unit: cert,
        state: present ? 'valid' : 'failed',
        present,
      },
    ],
    services: [
      { unit: 'web.service', bindsTo: [cert], waitsFor: waiting.web ? [cert] : [] },
      { unit: 'front.service', bindsTo: [files], waitsFor: waiting.front ? [files] : [] },
    ],
  };
}

test('nothing moves where nothing is there', () => {
  const standing = new Standing();
  assert.deepEqual(standing.follow(status(false, { web: true, front: true })), []);
  assert.deepEqual(standing.waiting(), [
    { unit: 'web.service', turn: 'waits', target: cert },
    { unit: 'front.service', turn: 'waits', target: files },
  ]);
});

test('what comes and goes is told once, targets before services', () => {
  const standing = new Standing();
  assert.deepEqual(standing.follow(status(false, { web: true, front: false })), [
    { unit: files, turn: 'present' },
    { unit: 'front.service', turn: 'started' },
  ]);
  const all = status(true, { web: false, front: false });
  assert.deepEqual(standing.follow(all), [
    { unit: cert, turn: 'present' },
    { unit: 'web.service', turn: 'started' },
  ]);
  assert.deepEqual(standing.follow(all), []);
  assert.deepEqual(standing.follow(status(false, { web: true, front: false })), [
    { unit: cert, turn: 'gone' },
    { unit: 'web.service', turn: 'stopped' },
  ]);
});
