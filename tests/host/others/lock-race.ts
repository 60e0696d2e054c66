import { closeSync, openSync, unlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockWithin } from '../../../src/host/lock.ts';

/** One of many who want the same lock; some of them die while they have it. */
const [directory = '', name = '', inside = '', then = ''] = process.argv.slice(2);
const held = await lockWithin(directory, name, 30_000);
closeSync(openSync(inside, 'wx'));
await sleep(Math.random() * 20);
unlinkSync(inside);
if (then === 'die') process.kill(process.pid, 'SIGKILL');
await held.release();
