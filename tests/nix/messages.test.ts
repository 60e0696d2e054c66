import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repository } from '../harness/repository.ts';
import { evaluate, withoutNix } from './evaluate.ts';

const later = (option: string) =>
  `expected it unset (${option} comes with a later version of bindsto)`;
const aCa = 'expected "local", "selfsigned" or the https URL of an ACME directory';
const aKey = 'expected "ec256" or "ec384" or "rsa2048" or "rsa3072" or "rsa4096"';
const oneChallenge = 'expected exactly one of webroot, listenHTTP and challenge, for an ACME CA';
const anAddress =
  'expected an address to listen on, as in ":80", "192.0.2.1:80" or "[2001:db8::1]:80"';
const aFile = 'expected an absolute path without blanks and backslashes';
const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';

/** A configuration, and all that is said of it. */
const refused: [string, ...string[]][] = [
  [
    'security.acme.certs."a/b".domain = "a.example";',
    'security.acme.certs."a/b": expected no slash, NUL or control character, found "a/b"',
  ],
  [
    'security.acme.certs.acme-challenge = { };',
    'security.acme.certs.acme-challenge: expected a name that is not taken below /var/lib/acme, found "acme-challenge"',
  ],
  [
    'security.acme.certs.web.domain = "a b";',
    'security.acme.certs.web.domain: expected a host name, a wildcard of one, or an IP address, found "a b"',
  ],
  [
    'security.acme.certs.a.keyType = "rsa8192"; security.acme.certs.b.keyType = "p256";',
    `security.acme.certs.a.keyType: ${aKey} (rsa8192 comes with a later version of bindsto), found "rsa8192"`,
    `security.acme.certs.b.keyType: ${aKey}, found "p256"`,
  ],
  [
    'security.acme.certs.a.issuers = [ "locla" ]; security.acme.certs.b.issuers = [ ];',
    `security.acme.certs.a.issuers: ${aCa}, found "locla"`,
    'security.acme.certs.b.issuers: expected at least one, found none',
  ],
  [
    'security.acme.defaults.reloadServices = [ "nginx.service" "a b" ];',
    'security.acme.defaults.reloadServices: expected the name of a unit, as in "nginx.service", found "a b"',
  ],
  // whoever issues
  [
    'security.acme.certs.a = { csr = "/a.csr"; csrKey = "/a.key"; };',
    `security.acme.certs.a.csr: ${later('csr')}, found "/a.csr"`,
    `security.acme.certs.a.csrKey: ${later('csrKey')}, found "/a.key"`,
  ],
  [
    'security.acme.certs.a.credentialFiles.CERTMAGIC_MYSQL_DSN_FILE = "/etc/dsn";',
    'security.acme.certs.a.credentialFiles: expected no CERTMAGIC_MYSQL_DSN_FILE (MySQL comes with a later version of bindsto), found it',
  ],
  // said once, where it stands
  [
    `security.acme.defaults.renewInterval = "weekly";
     security.acme.certs = { a = { }; b = { }; c.inheritDefaults = false; c.issuers = [ "local" ]; };`,
    `security.acme.defaults.renewInterval: ${later('renewInterval')}, found "weekly", also for 1 more`,
  ],
  // as it comes from NixOS' own module: the one ACME server, and options that go with it
  [
    `security.acme.useRoot = true;
     security.acme.certs.a = {
       inheritDefaults = false;
       dnsProvider = "exec";
       domain = "*.a.example";
       environmentFile = "/etc/token";
       extraLegoFlags = [ "--eab" "canary" ];
       profile = "shortlived";
       server = null;
     };`,
    `security.acme.acceptTerms: expected true, the terms of service of ${letsEncrypt}, found false`,
    `security.acme.certs.a.dnsProvider: ${later('dnsProvider')}, found "exec"`,
    `security.acme.certs.a.extraLegoFlags: ${later('extraLegoFlags')}, found a list`,
    `security.acme.certs.a.profile: ${later('profile')}, found "shortlived"`,
    `security.acme.useRoot: ${later('useRoot')}, found true`,
  ],
  // what NixOS' own module asserts where an ACME CA issues
  [
    `security.acme.acceptTerms = true;
     security.acme.defaults.issuers = [ "https://ca.example/dir" "local" ];
     security.acme.certs = {
       a = { };
       b.webroot = "/w";
       c = { webroot = "/w"; challenge = "http-storage"; };
       d.s3Bucket = "bucket";
     };`,
    `security.acme.certs.a: ${oneChallenge}, found none, also for 1 more`,
    `security.acme.certs.d.s3Bucket: ${later('s3Bucket')}, found "bucket"`,
  ],
  [
    `security.acme.acceptTerms = true;
     security.acme.defaults = { issuers = [ "https://ca.example/dir" ]; listenHTTP = "localhost:80"; };
     security.acme.certs.a.domain = "*.a.example";
     security.acme.certs.b = { extraDomainNames = [ "*.b.example" ]; challenge = "tls-alpn"; listenHTTP = null; };`,
    `security.acme.defaults.listenHTTP: ${anAddress}, found "localhost:80"`,
    'security.acme.certs.b.challenge: expected "http-storage" (tls-alpn comes with a later version of bindsto), found "tls-alpn"',
    'security.acme.certs.a: expected no wildcard without DNS-01 (which comes with a later version of bindsto), found *.a.example, also for 1 more',
  ],
  [
    `security.acme.acceptTerms = true;
     security.acme.certs.a = {
       issuers = [ "https://ca.example/dir" ];
       webroot = "www";
       email = "nobody";
       environmentFile = "/two words";
       credentialFiles.TOKEN = "/token";
       renewIntervalFailed = "5 months";
     };
     security.acme.certs.b.credentialFiles.TOKEN = "not looked at, for nobody uses it";`,
    'security.acme.certs.a.credentialFiles: expected names that end in _FILE or _PATH, found "TOKEN"',
    'security.acme.certs.a.email: expected an e-mail address, found "nobody"',
    `security.acme.certs.a.environmentFile: ${aFile}, found "/two words"`,
    'security.acme.certs.a.renewIntervalFailed: expected a time span, as in "900" or "15min", found "5 months"',
    'security.acme.certs.a.webroot: expected an absolute path, found "www"',
  ],
  [
    'security.acme.certs.a = { issuers = [ ]; server = "http://ca.example/dir"; }; security.acme.certs.b.issuers = [ "http://ca.example/dir" ];',
    'security.acme.certs.a.issuers: expected at least one, found none',
    `security.acme.certs.b.issuers: ${aCa}, found "http://ca.example/dir"`,
  ],
  [
    'artifacts.store."../x" = { files.a = { }; };',
    'artifacts.store."../x": expected no dot or dash in front, found "../x"',
  ],
  [
    'artifacts.store.x = { files."a/b" = { }; prompts.".." = { }; };',
    'artifacts.store.x.files."a/b": expected no slash, NUL or control character, found "a/b"',
    'artifacts.store.x.prompts."..": expected a file name, found ".."',
  ],
  [
    'artifacts.store.x = { files = { }; backend = "sops-nix"; }; artifacts.store.y = { files.f = { }; backend = "vault"; };',
    'artifacts.store.x.files: expected at least one, found none',
    'artifacts.store.x.backend: expected "agenix" or "dummy" (sops-nix comes with a later version of bindsto), found "sops-nix"',
    'artifacts.store.y.backend: expected "agenix" or "dummy", found "vault"',
  ],
  [
    'artifacts.default.backend = null; artifacts.store.x.files.f = { }; artifacts.store.y.files.f = { };',
    'artifacts.default.backend: expected "agenix" or "dummy", found null',
  ],
  [
    `artifacts.store.x = {
       dependencies = [ "ca" ];
       files.a = { owner = "a b"; group = ""; mode = "rw"; path = "a"; secret = false; template = "t"; };
       prompts.p.type = "hidden";
     };`,
    `artifacts.store.x.dependencies: ${later('dependencies')}, found a list`,
    'artifacts.store.x.files.a.group: expected a user or group name, found ""',
    'artifacts.store.x.files.a.mode: expected three octal digits, as in "0400", found "rw"',
    'artifacts.store.x.files.a.owner: expected a user or group name, found "a b"',
    'artifacts.store.x.files.a.path: expected an absolute path, found "a"',
    `artifacts.store.x.files.a.secret: ${later('secret')}, found false`,
    `artifacts.store.x.files.a.template: ${later('template')}, found "t"`,
    `artifacts.store.x.prompts.p.type: ${later('type')}, found "hidden"`,
  ],
  [
    'artifacts.store.x = { backend = "dummy"; files.a.neededForUsers = true; };',
    'artifacts.store.x.generator: expected a program, since the backend is dummy, found null',
    'artifacts.store.x.files.a.neededForUsers: expected false (a backend that runs a program is too late for accounts), found true',
  ],
  [
    'artifacts.store.x.files.a.path = "/etc/k"; artifacts.store.y.files.b.path = "/etc/k";',
    'artifacts.store.y.files.b.path: expected a path of its own, found that of artifact "x"',
  ],
  [
    'artifacts.config.agenix.flakeStoreDir = "secrets"; artifacts.store.x.files.f = { };',
    'artifacts.config.agenix.flakeStoreDir: expected the directory of the encrypted files, as in ./secrets, found "secrets"',
  ],
  [
    'networking.hostName = "a/b"; artifacts.store.x.files.f = { };',
    'artifacts.config.agenix.machineName: expected no slash, NUL or control character, found "a/b"',
  ],
  [
    'artifacts.config.agenix.flakeStoreDir = ./nix/examples/secrets; artifacts.store.x.files.f = { };',
    'artifacts.store.x.files.f: expected an encrypted file, known to git where this is a flake, found DIR/nix/examples/secrets/per-machine/web1/x/f.age',
  ],
  [
    `artifacts.store.x.files.f = { };
     artifacts.config.agenix = { flakeStoreDir = "/s"; identityPaths = [ "/k" "/nix/store/k" ]; };`,
    'artifacts.config.agenix.identityPaths: expected a path outside of the store, found "/nix/store/k"',
  ],
  [
    `security.acme.maxConcurrentRenewals = -1;
     bindsto = {
       waitForMissing = -1;
       maxOrdersPerMinute = "60";
       issuers.acme."ca.example" = { };
       issuers.acme."https://ca.example/dir".trustedRoots = "ca.pem";
       issuers.local = { validDays = 0; permittedDomains = [ 1 ]; };
     };`,
    'bindsto.maxOrdersPerMinute: expected a whole number, 0 or more, found "60"',
    'bindsto.waitForMissing: expected a whole number, 0 or more, found -1',
    'security.acme.maxConcurrentRenewals: expected a whole number, 0 or more, found -1',
    'bindsto.issuers.acme: expected the https URL of an ACME directory, found "ca.example"',
    'bindsto.issuers.acme."https://ca.example/dir".trustedRoots: expected an absolute path, found "ca.pem"',
    'bindsto.issuers.local.permittedDomains: expected a text, found 1',
    'bindsto.issuers.local.validDays: expected a whole number, 1 or more, found 0',
  ],
];

/** All but what a configuration says of its own issuers, backend or machine. */
const base = `{
  networking.hostName = "web1";
  security.acme.defaults.issuers = [ "local" ];
  artifacts.default.backend = "agenix";
  artifacts.config.agenix.flakeStoreDir = "/persist/secrets";
}`;
const messages = `_:
let
  merge = a: b: a // builtins.mapAttrs (
    name: value: if builtins.isAttrs value && a ? \${name} then merge a.\${name} value else value
  ) b;
in
map (own: (import ./nix/lib/manifest.nix (merge ${base} own)).messages) [
  ${refused.map(([configuration]) => `{ ${configuration} }`).join('\n  ')}
]`;

test('what cannot be used is refused with its path, what is expected and what was found', {
  skip: withoutNix,
}, async () => {
  const said = (await evaluate(messages)) as string[][];
  for (const [index, [configuration, ...expected]] of refused.entries()) {
    const here = expected.map((message) => message.replace('DIR', repository));
    assert.deepEqual(said[index], here, configuration);
  }
});

test('what only goes with an ACME CA may stay where the certificates come from this host', {
  skip: withoutNix,
}, async () => {
  const configuration = `_: (import ./nix/lib/manifest.nix {
    security.acme = {
      acceptTerms = true;
      maxConcurrentRenewals = 0;
      useRoot = true;
      defaults = {
        email = "a@example.com";
        issuers = [ "local" "selfsigned" ];
        renewJitter = "1h";
        enableDebugLogs = false;
        server = "https://acme-staging-v02.api.letsencrypt.org/directory";
      };
      certs.a = { webroot = "/var/lib/acme/acme-challenge"; ocspMustStaple = true; };
      certs.b = { dnsProvider = "cloudflare"; credentialFiles.CF_DNS_API_TOKEN_FILE = "/etc/token"; };
      certs.c = { listenHTTP = ":80"; profile = "shortlived"; };
    };
  }).messages`;
  assert.deepEqual(await evaluate(configuration), []);
});
