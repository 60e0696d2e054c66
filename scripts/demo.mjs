// `npm run demo [-- --no-container]`: see the README.
import { containerPackages } from './machine.mjs';
import { runPrepared } from './prepare.mjs';

process.exitCode = await runPrepared('demo/main.js', {
  packages: [...containerPackages, 'systemd'],
});
