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
  inherit (builtins)
    attrNames
    concatMap
    intersectAttrs
    isPath
    mapAttrs
    ;

  kinds = import ./kinds.nix;
  inherit (import ./problems.nix)
    at
    check
    checkOptions
    message
    ;

  certificates = import ./certificates.nix (config.security.acme or { });
  artifacts = import ./artifacts.nix {
    artifacts = config.artifacts or { };
    hostName = config.networking.hostName or null;
  };

  settings = intersectAttrs settingKinds (config.bindsto or { });
  settingKinds = {
    maxOrdersPerMinute = kinds.natural;
    waitForMissing = kinds.natural;
  };

  # Its default is that of NixOS' own module.
  atOnce = config.security.acme.maxConcurrentRenewals or 5;
  orders = if atOnce == 5 then { } else { maxConcurrentRenewals = atOnce; };

  localIssuer = intersectAttrs localIssuerKinds (config.bindsto.issuers.local or { });
  localIssuerKinds = {
    commonName = kinds.text;
    caValidDays = kinds.positive;
    validDays = kinds.positive;
    permittedDomains = kinds.every kinds.text;
    permittedAddresses = kinds.every kinds.text;
  };

  # By the URL of their directory. What everybody may read may be in the store.
  acmeIssuers = mapAttrs (_: acmeIssuerOf) (config.bindsto.issuers.acme or { });
  acmeIssuerOf =
    options:
    let
      roots = options.trustedRoots or null;
    in
    if roots == null then { } else { trustedRoots = if isPath roots then "${roots}" else roots; };
  acmeIssuerProblems = concatMap (
    url:
    check "bindsto.issuers.acme" kinds.acmeUrl url
    ++ checkOptions (at "bindsto.issuers.acme" url) {
      trustedRoots = kinds.absolutePath;
    } acmeIssuers.${url}
  ) (attrNames acmeIssuers);

  problems =
    checkOptions "bindsto" settingKinds settings
    ++ checkOptions "security.acme" { maxConcurrentRenewals = kinds.natural; } orders
    ++ acmeIssuerProblems
    ++ checkOptions "bindsto.issuers.local" localIssuerKinds localIssuer
    ++ certificates.problems
    ++ artifacts.problems;
in
{
  manifest = {
    version = 1;
    settings = settings // orders;
    issuers = {
      local = localIssuer;
    }
    // (if acmeIssuers == { } then { } else { acme = acmeIssuers; });
    certificates = { inherit (certificates) defaults items; };
    artifacts = { inherit (artifacts) backends defaults items; };
  };
  messages = map message problems;
}
