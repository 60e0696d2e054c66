import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateWithStatistics, withoutNix } from './evaluate.ts';

/** As an enableACME host of nginx has it, and a secret for each. */
const configuration = (issuers: string) => `count: let
  names = builtins.genList (n: "host-\${toString n}.example.com") count;
  each = value: builtins.listToAttrs (map (name: { inherit name; value = value name; }) names);
in import ./nix/lib/manifest.nix {
  networking.hostName = "web1";
  security.acme.acceptTerms = true;
  security.acme.defaults.issuers = [ "${issuers}" ];
  security.acme.certs = each (name: {
    domain = name;
    extraDomainNames = [ "www.\${name}" ];
    group = "nginx";
    reloadServices = [ "nginx.service" ];
    webroot = "/var/lib/acme/acme-challenge";
  });
  artifacts.default.backend = "agenix";
  artifacts.config.agenix.flakeStoreDir = "/persist/secrets";
  artifacts.store = each (name: { files.key = { path = "/etc/keys/\${name}"; }; });
}`;

for (const issuer of ['local', 'https://ca.example/directory']) {
  test(`a manifest costs in proportion to its items, issued by ${issuer}`, {
    skip: withoutNix,
  }, async () => {
    const cost = (count: number) => costOf(configuration(issuer), count);
    assertProportion([await cost(10), await cost(100), await cost(1000)]);
  });
}

type Cost = Awaited<ReturnType<typeof costOf>>;

function assertProportion([few, some, many]: readonly [Cost, Cost, Cost]): void {
  for (const counter of Object.keys(few) as (keyof typeof few)[]) {
    const first = (some[counter] - few[counter]) / 90;
    const later = (many[counter] - some[counter]) / 900;
    assert.ok(later <= first * 1.1 + 1, `${counter}: ${first}, then ${later} for each item`);
  }
  // 3.5 M are the goal for 1000 certificates with all of their options' declarations
  assert.ok(many.nrThunks < 500_000, `${many.nrThunks} thunks for 1000 of both`);
}

async function costOf(nixFunction: string, count: number) {
  const { value, statistics } = await evaluateWithStatistics(nixFunction, count);
  assert.deepEqual((value as { messages: string[] }).messages, []);
  const { nrThunks, nrFunctionCalls, nrPrimOpCalls, nrOpUpdateValuesCopied } = statistics;
  const elements = statistics.list.elements;
  return { nrThunks, nrFunctionCalls, nrPrimOpCalls, nrOpUpdateValuesCopied, elements };
}
