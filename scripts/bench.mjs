// `npm run bench`: see docs/performance.md.
import { containerPackages } from './machine.mjs';
import { runPrepared } from './prepare.mjs';

process.exitCode = await runPrepared('bench/main.js', {
  packages: [...containerPackages, 'age', 'openssh-client'],
});
