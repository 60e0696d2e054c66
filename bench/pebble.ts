import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServerFiles, serverFiles } from '../tests/acme/test-ca.ts';
import { serverProgram, serverTree } from '../tests/harness/servers.ts';
import { cleanEnvironment } from './measure.ts';
import { Network } from './network.ts';

/** An ACME CA in a network of its own, and a web server there that all names lead to. */
export interface Ca extends AsyncDisposable {
  readonly network: Network;
  /** The URL of its directory. */
  readonly directory: `https://${string}`;
  /** PEM file of the root that its server is trusted by. */
  readonly root: string;
  /** What the web server serves, at the port where the CA looks. */
  readonly webroot: string;
}

/** Where Pebble looks for answers. */
export const httpPort = 5002;
export const tlsPort = 5001;

/** It is quick, refuses no nonce and forgets authorizations: what is measured is the client. */
const quick = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' };

/** `serves`: with a web server for the answers; else the client is one itself. */
export async function startCa(
  place: string,
  { serves }: { readonly serves: boolean },
): Promise<Ca> {
  mkdirSync(place, { recursive: true });
  const files = await serverFiles(place);
  const network = await Network.start();
  const at = (file: string) => join(place, file);
  const names = ['-dns01', '127.0.0.1:8053', '-management', '127.0.0.1:8055'];
  const none = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''];
  const answers = [...names, ...none, '-defaultIPv4', '127.0.0.1'];
  const dns = await serverProgram('pebble-challtestsrv');
  await network.serve([dns, ...answers], 8055, cleanEnvironment);
  writeFileSync(at('pebble.json'), JSON.stringify({ pebble: configuration(files) }));
  const pebble = [await serverProgram('pebble'), '-config', at('pebble.json')];
  const environment = { ...cleanEnvironment, ...quick };
  await network.serve([...pebble, '-dnsserver', '127.0.0.1:8053'], 14000, environment);
  const webroot = at('webroot');
  mkdirSync(webroot);
  if (serves) await startWebServer(network, place, webroot);
  return {
    network,
    directory: 'https://127.0.0.1:14000/dir',
    root: files.root,
    webroot,
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

function configuration({ certificate, key }: ServerFiles) {
  return {
    listenAddress: '127.0.0.1:14000',
    managementListenAddress: '127.0.0.1:15000',
    certificate,
    privateKey: key,
    httpPort,
    tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  };
}

async function startWebServer(network: Network, place: string, webroot: string): Promise<void> {
  const program = join(await serverTree(), 'usr/sbin/nginx');
  const text = `
daemon off; master_process off; pid ${place}/nginx.pid; error_log ${place}/nginx.log;
events { }
http {
  access_log off; client_body_temp_path ${place}/body; proxy_temp_path ${place}/proxy;
  fastcgi_temp_path ${place}/fastcgi; scgi_temp_path ${place}/scgi; uwsgi_temp_path ${place}/uwsgi;
  server { listen 127.0.0.1:${httpPort}; root ${webroot}; }
}`;
  writeFileSync(join(place, 'nginx.conf'), text);
  const argv = [program, '-p', place, '-c', join(place, 'nginx.conf'), '-e', `${place}/nginx.log`];
  await network.serve(argv, httpPort, cleanEnvironment);
}
