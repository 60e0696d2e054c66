import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';

/** What stands at a URL. `root` is the PEM file by which its server is trusted. */
export async function getText(url: string, root: string): Promise<string> {
  const options = { ca: readFileSync(root), agent: false, timeout: 2000 };
  return await new Promise((resolve, reject) => {
    const request = get(url, options, (answer) => text(answer).then(resolve, reject));
    request.on('timeout', () => request.destroy(new Error(`${url}: no answer`)));
    request.on('error', reject);
  });
}
