import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverProgram } from '../tests/harness/servers.ts';
import { until } from '../tests/harness/waiting.ts';
import { type Client, cpuSoFar, email, oneEach, peakSoFar, peakUntilEnd } from './acme-client.ts';
import { cleanEnvironment, usageOf } from './measure.ts';
import { httpPort, startCa, tlsPort } from './pebble.ts';

/** Milliseconds; 200 certificates take each of them more than three minutes. */
const longest = 600_000;

/**
 * lego as NixOS' own module runs it: a process for each certificate, the one that makes the
 * account first, then five at a time, all answers below a web server's root.
 */
export const lego: Client = async (place, names) => {
  await using ca = await startCa(place, { serves: true });
  const program = await serverProgram('lego');
  const argv = (path: string, name: string) => [
    ...['env', `LEGO_CA_CERTIFICATES=${ca.root}`, program, '--server', ca.directory],
    ...['--path', path, '--email', email, '--accept-tos', '--key-type', 'ec256'],
    ...['--http', '--http.webroot', ca.webroot, '--domains', name, 'run'],
  ];
  const alone = argv(join(place, 'alone'), 'alone.example.com');
  const memory = await peakUntilEnd(ca.network.start(alone, cleanEnvironment));
  const path = join(place, 'lego');
  const usage = await usageOf(oneEach(place, names, argv(path, '{}')), ca.network.enter);
  const count = filesBelow(join(path, 'certificates'), /(?<!\.issuer)\.crt$/);
  return { ...usage, memory, count };
};

/** Caddy answers by itself, keeps to certmagic's pace of 10 in 10 s, and stays. */
export const caddy: Client = async (place, names) => {
  await using ca = await startCa(place, { serves: false });
  const storage = join(place, 'caddy');
  const text = `{
  admin off
  http_port ${httpPort}
  https_port ${tlsPort}
  acme_ca ${ca.directory}
  acme_ca_root ${ca.root}
  email ${email}
  storage file_system ${storage}
}
${names.join(', ')} {
  respond "hello"
}
`;
  writeFileSync(join(place, 'Caddyfile'), text);
  const config = ['--config', join(place, 'Caddyfile'), '--adapter', 'caddyfile'];
  const argv = [await serverProgram('caddy'), 'run', ...config];
  const start = performance.now();
  const server = ca.network.start(argv, { ...cleanEnvironment, HOME: place });
  const stored = () => filesBelow(storage, /\.crt$/);
  const wanted = () => server.hasEnded || stored() >= names.length;
  await until('all are stored', wanted, { within: longest, every: 50 }).catch(() => {});
  const wall = performance.now() - start;
  const { pid } = server;
  return { wall, cpu: cpuSoFar(pid), memory: peakSoFar(pid), count: stored() };
};

function filesBelow(directory: string, which: RegExp): number {
  if (!existsSync(directory)) return 0;
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => which.test(file)).length;
}
