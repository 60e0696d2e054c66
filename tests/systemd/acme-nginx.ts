import type { Container } from '../harness/container.ts';

export const webroot = '/var/lib/acme/acme-challenge';

/**
 * Bound to what may be a placeholder, as a server has to be that answers challenges, so that
 * batches begin after it, and after the CA. It notes its reloads.
 */
export function nginxUnits(...names: readonly string[]): Record<string, string> {
  const targets = names.map((name) => `cert-files@${name}.target`).join(' ');
  return {
    'nginx.service.d/50-test.conf': `[Unit]
BindsTo=${targets}
After=${targets} pebble.service
[Service]
ExecReload=/bin/sh -c 'echo "reload $(date +%%s%%3N)" >>/var/log/nginx.service'
`,
  };
}

/** It answers for every name, and serves one of them with its certificate. */
export async function writeNginx(host: Container, name: string): Promise<void> {
  await host.sh('rm -f /etc/nginx/sites-enabled/*');
  await host.write(
    '/etc/nginx/conf.d/test.conf',
    `server {
    listen 80 default_server;
    location ^~ /.well-known/acme-challenge/ {
        root ${webroot};
        default_type text/plain;
    }
}
server {
    listen 443 ssl;
    server_name ${name};
    ssl_certificate /var/lib/acme/${name}/fullchain.pem;
    ssl_certificate_key /var/lib/acme/${name}/key.pem;
    return 200 "${name}";
}
`,
  );
}

/** Whether it is served with a certificate that the CA has issued in this run of its own. */
export async function isServed(host: Container, name: string): Promise<boolean> {
  const script = `
    curl -sS --cacert /etc/pebble/root.pem https://127.0.0.1:15000/roots/0 >/tmp/root.pem
    curl -sS --max-time 5 --cacert /tmp/root.pem --resolve ${name}:443:127.0.0.1 https://${name}/`;
  return (await host.exec(['sh', '-euc', script])).stdout === name;
}
