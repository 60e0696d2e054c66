import { createPrivateKey, X509Certificate } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';

/**
 * Reads a certificate again and again as programs do, until its parent says stop, and then
 * says how often it has seen a key that does not fit: `[reads, mixed, failed]` of each way.
 */
const [home = ''] = process.argv.slice(2);

const ways: Record<string, () => string[]> = {
  'full.pem': () => {
    const text = read(`${home}/full.pem`);
    return [text, text];
  },
  'current, opened once': () => {
    const directory = openSync(`${home}/current`, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      const at = `/proc/self/fd/${directory}`;
      return [read(`${at}/key.pem`), read(`${at}/fullchain.pem`)];
    } finally {
      closeSync(directory);
    }
  },
  'key.pem and fullchain.pem': () => [read(`${home}/key.pem`), read(`${home}/fullchain.pem`)],
};

const counts = new Map(
  Object.keys(ways).map((way) => [way, [0, 0, 0] as [number, number, number]]),
);

function look(): void {
  for (const [way, files] of Object.entries(ways)) {
    const count = counts.get(way) ?? [0, 0, 0];
    count[0]++;
    try {
      const [key = '', certificate = ''] = files();
      const fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
      if (!fits) count[1]++;
    } catch {
      count[2]++;
    }
  }
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

let isOver = false;
process.on('message', () => {
  isOver = true;
});

function loop(): void {
  for (let times = 0; times < 20; times++) look();
  if (isOver) process.send?.(Object.fromEntries(counts), () => process.exit(0));
  else setImmediate(loop);
}

look();
process.send?.('ready');
loop();
