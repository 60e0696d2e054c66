import { worldOf } from '../host/world.ts';
import { endQuietly, main } from './cli.ts';

endQuietly(process);
process.exitCode = await main(worldOf(process));
