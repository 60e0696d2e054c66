// `npm run demo [-- --no-container]`: see the README.
import { containerPackages } from './machine.mjs';
import { runPrepared } from './prepare.mjs';

process.exitCode = await runPrepared('demo/main.js', {
  packages: [...containerPackages, 'systemd'],
  nodes: process.getuid() === 0, // for containers, which only root can boot
});
