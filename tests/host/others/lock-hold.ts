import { spawn } from 'node:child_process';
import { lock } from '../../../src/host/lock.ts';

/**
 * Says whether it has got the lock, on both ways that it may be listened to. Then it has nothing
 * more to do, or it waits to be killed, perhaps with a child that lives a little longer.
 */
const [directory = '', name = '', then = ''] = process.argv.slice(2);
const held = await lock(directory, name);
const answer = held === undefined ? 'refused' : 'held';
// before it is told: until it has made itself another program, it has our descriptors
if (then === 'with-child') spawn('sleep', ['3'], { detached: true, stdio: 'ignore' });
process.stdout.write(answer);
process.send?.(answer);
if (then !== '') setTimeout(() => {}, 60_000);
