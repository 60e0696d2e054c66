import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { notifyStatus } from '../../src/host/notify.ts';
import { needs, temporaryDirectory, undo } from './support.ts';

test('nothing happens outside of a unit, or when nobody listens', async (t) => {
  await notifyStatus({}, 'text');
  const NOTIFY_SOCKET = join(temporaryDirectory(t), 'nobody');
  await notifyStatus({ NOTIFY_SOCKET }, 'text');
});

/** Node has no datagram sockets of this family. Takes the first message and ends at the second. */
const listener = `
  use IO::Socket::UNIX; use Socket; $| = 1;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
  $socket->recv(my $first, 4096); print $first; $socket->recv(my $barrier, 4096);`;

test('the service manager gets one line of status', async (t) => {
  const tools = ['perl', 'systemd-notify'].filter((tool) => spawnSync(tool, ['--version']).error);
  if (!needs(t, tools.length === 0, `${tools.join(', ')} not installed`)) return;
  const NOTIFY_SOCKET = join(temporaryDirectory(t), 'socket');
  const perl = spawn('perl', ['-e', listener, NOTIFY_SOCKET], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  undo(t, () => perl.kill('SIGKILL'));
  let received = '';
  perl.stdout.on('data', (data) => {
    received += data;
  });
  while (!existsSync(NOTIFY_SOCKET)) await sleep(10);
  await notifyStatus({ NOTIFY_SOCKET }, 'rate limited\nREADY=1; next try 14:05');
  assert.match(received, /^STATUS=rate limited\\x0aREADY=1; next try 14:05$/m);
  assert.doesNotMatch(received, /^READY=1/m);
});
