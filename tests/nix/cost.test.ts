import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateWithStatistics, withoutNix } from './evaluate.ts';

/** As an enableACME host of nginx has it, and a secret for each. */
const configuration = `count: let
  names = builtins.genList (n: "host-\${toString n}.example.com") count;
  each = value: builtins.listToAttrs (map (name: { inherit name; value = value name; }) names);
in import ./nix/lib/manifest.nix {
  networking.hostName = "web1";
  security.acme.defaults.issuers = [ "local" ];
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

test('a manifest costs in proportion to its items', { skip: withoutNix }, async () => {
  const [few, some, many] = [await costOf(10), await costOf(100), await costOf(1000)];
  for (const counter of Object.keys(few) as (keyof typeof few)[]) {
    const first = (some[counter] - few[counter]) / 90;
    const later = (many[counter] - some[counter]) / 900;
    assert.ok(later <= first * 1.1 + 1, `${counter}: ${first}, then ${later} for each item`);
  }
  // 3.5 M are the goal for 1000 certificates with all of their options' declarations
  assert.ok(many.nrThunks < 500_000, `${many.nrThunks} thunks for 1000 of both`);
});

async function costOf(count: number) {
  const { value, statistics } = await evaluateWithStatistics(configuration, count);
  assert.deepEqual((value as { messages: string[] }).messages, []);
  const { nrThunks, nrFunctionCalls, nrPrimOpCalls, nrOpUpdateValuesCopied } = statistics;
  const elements = statistics.list.elements;
  return { nrThunks, nrFunctionCalls, nrPrimOpCalls, nrOpUpdateValuesCopied, elements };
}
