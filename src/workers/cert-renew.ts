import { isIdle } from '../host/idle.ts';
import { version } from '../host/version.ts';

const program = `${version} ${import.meta.dirname}`;
const uid = process.geteuid?.() ?? 0;

/** Nearly always nothing is due: to see that, nothing else has to be loaded. */
if (!isIdle(process.argv.slice(2), uid, program, new Date())) void import('./cert-renew-all.ts');
