# From a NixOS configuration to bindsto's manifest, by builtins alone: no nixpkgs, no lib.
#
# Takes what `config` of a NixOS system looks like, of which it reads `security.acme`,
# `artifacts`, `bindsto` and `networking.hostName`; options that are missing have their
# defaults. Gives
#
#   manifest   as src/manifest/schema.ts describes it, for builtins.toJSON
#   messages   what is wrong with the configuration, in sentences that begin with an option's
#              path; unless this is [ ], the manifest must not be used
#
# Its cost grows with the number of items, not faster.
config:
let
  inherit (builtins) intersectAttrs;

  kinds = import ./kinds.nix;
  inherit (import ./problems.nix) checkOptions message;

  certificates = import ./certificates.nix (config.security.acme or { });
  artifacts = import ./artifacts.nix {
    artifacts = config.artifacts or { };
    hostName = config.networking.hostName or null;
  };

  settings = intersectAttrs settingKinds (config.bindsto or { });
  settingKinds = {
    waitForMissing = kinds.natural;
  };

  localIssuer = intersectAttrs localIssuerKinds (config.bindsto.issuers.local or { });
  localIssuerKinds = {
    commonName = kinds.text;
    caValidDays = kinds.positive;
    validDays = kinds.positive;
    permittedDomains = kinds.every kinds.text;
    permittedAddresses = kinds.every kinds.text;
  };

  problems =
    checkOptions "bindsto" settingKinds settings
    ++ checkOptions "bindsto.issuers.local" localIssuerKinds localIssuer
    ++ certificates.problems
    ++ artifacts.problems;
in
{
  manifest = {
    version = 1;
    inherit settings;
    issuers.local = localIssuer;
    certificates = { inherit (certificates) defaults items; };
    artifacts = { inherit (artifacts) backends defaults items; };
  };
  messages = map message problems;
}
