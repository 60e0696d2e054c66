import type { Container } from '../harness/container.ts';
import { serverProgram, servers } from '../harness/servers.ts';
import { createHost, eventually } from './host.ts';

/** Nobody answers there, so nothing is issued: doctor has to find out without a CA. */
const ca = 'https://127.0.0.1:9/directory';
export const here = '203.0.113.7';
export const webroot = '/var/www/acme';
const nameServer = '/usr/local/bin/name-server';

export const manifest = {
  settings: { waitForMissing: 0 },
  certificates: {
    defaults: { issuers: [ca] },
    items: {
      'web.example': { webroot },
      'elsewhere.example': { webroot },
      'nowhere.example': { webroot },
      'silent.example': { webroot },
      'other.example': { webroot },
      'stored.example': { challenge: 'http-storage' },
      'listen.example': { listenHTTP: ':8080' },
      'group.example': { webroot, group: 'nobody-has-made-it' },
      'token.example': {
        webroot,
        environmentFile: '/etc/missing.env',
        credentialFiles: { OPEN_FILE: '/etc/open-token' },
      },
      'local.example': { issuers: ['local'] },
    },
  },
};

/** A server for two ports; what it gives for a challenge is one's own to say. */
export const nginx = (location: string, { ports = [80], stored = location } = {}) => `
events {}
http {
  server {
    ${ports.map((port) => `listen ${port};`).join(' ')}
    ${location}
  }
  server {
    listen 80;
    server_name stored.example;
    ${stored}
  }
}
`;

export const proxied = `location /.well-known/acme-challenge/ {
  proxy_pass http://unix:/run/acme-challenge.sock;
  proxy_set_header Host $host;
}`;

/** Booted, with a web server, a name server and an address: whatever doctor looks for is there. */
export async function createIllHost(): Promise<Container> {
  const host = await createHost({
    manifest,
    packages: servers,
    binds: { [nameServer]: await serverProgram('pebble-challtestsrv') },
    units: {
      'web.service': `[Unit]
BindsTo=cert-files@web.example.target cert@other.example.target
[Service]
ExecStart=/bin/sleep infinity
`,
      'names.service': `[Service]
ExecStart=${nameServer} -defaultIPv4 "" -defaultIPv6 "" -dns01 :53 -http01 "" -https01 "" -tlsalpn01 ""
`,
    },
  });
  await host.write('/etc/resolv.conf', 'nameserver 127.0.0.1\n');
  await host.write('/etc/nginx/nginx.conf', nginx('root /var/www/html;', { ports: [80, 8080] }));
  await host.write('/etc/open-token', 'canary-of-a-token');
  await host.boot();
  await host.sh(`ip link add test0 type veth peer name test1; ip link set test0 up; ip link set test1 up
    ip address add ${here}/24 dev test0; mkdir -p ${webroot}; chown acme: ${webroot}
    systemctl start nginx.service`);
  await eventually('the name server', async () => await records(host));
  await eventually('files', () => host.exists('/var/lib/acme/local.example/acme-success'));
  return host;
}

/** What the name server gives: one name leads elsewhere, one nowhere, and one server is ill. */
export async function records(
  host: Container,
  elsewhere = '198.51.100.9',
  nowhere = '',
): Promise<boolean> {
  const tell = (what: string, value: object) =>
    host.exec(['curl', '-sf', '-d', JSON.stringify(value), `http://localhost:8055/${what}`]);
  const names = ['web', 'other', 'stored', 'listen', 'group', 'token'];
  await tell('clear-a', { host: 'elsewhere.example.' });
  const good = names.map((name) => tell('add-a', { host: `${name}.example.`, addresses: [here] }));
  const bad = [
    tell('add-a', { host: 'elsewhere.example.', addresses: [elsewhere] }),
    ...(nowhere === ''
      ? [tell('set-servfail', { host: 'silent.example.' })]
      : [
          tell('add-a', { host: 'nowhere.example.', addresses: [nowhere] }),
          tell('clear-servfail', { host: 'silent.example.' }),
          tell('add-a', { host: 'silent.example.', addresses: [nowhere] }),
        ]),
  ];
  return (await Promise.all([...good, ...bad])).every(({ status }) => status === 0);
}
