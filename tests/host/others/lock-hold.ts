import { lock } from '../../../src/host/lock.ts';

/**
 * Says whether it has got the lock, on both ways that it may be listened to, and then either
 * waits to be killed or has nothing more to do.
 */
const [directory = '', name = '', then = ''] = process.argv.slice(2);
const held = await lock(directory, name);
const answer = held === undefined ? 'refused' : 'held';
process.stdout.write(answer);
process.send?.(answer);
if (then === 'wait') setTimeout(() => {}, 60_000);
