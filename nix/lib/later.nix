# Options of NixOS' module that this version of bindsto does not carry out yet: refused by
# name, so that no configuration evaluates and then does less than it says.
#
# Who comes from NixOS' module and sets `issuers = [ "local" ]`, as a fleet under test does,
# expects that all else may stay as it is; and nginx' enableACME sets webroot for each of its
# hosts, whoever issues. So what only says how to talk to an ACME CA counts for certificates
# that have one among their issuers. What says what a certificate is, or what this host does
# with it and when, counts always.
#
# Without effect, and nothing is lost: acceptTerms (there are none), renewJitter (every
# certificate has a moment of its own), enableDebugLogs (of shell scripts).
{ acme, certificates }:
let
  inherit (builtins)
    any
    attrNames
    concatMap
    concatStringsSep
    filter
    head
    length
    ;

  inherit (import ./kinds.nix) isAcme later show;
  inherit (import ./problems.nix) at checkLater;

  always = {
    csr = null;
    csrKey = null;
    postRun = "";
    renewInterval = "daily";
    renewIntervalFailed = "900";
  };

  withAcme = {
    challenge = null;
    credentialFiles = { };
    dnsPropagationCheck = true;
    dnsProvider = null;
    dnsResolver = null;
    email = null;
    environmentFile = null;
    extraLegoFlags = [ ];
    extraLegoRenewFlags = [ ];
    extraLegoRunFlags = [ ];
    listenHTTP = null;
    ocspMustStaple = false;
    profile = null;
    s3Bucket = null;
    webroot = null;
  };

  ofTheHost = {
    maxConcurrentRenewals = 5;
    useRoot = false;
  };

  everyName = attrNames certificates;
  ordered = filter (name: any isAcme certificates.${name}.issuers) everyName;

  refuseIssuers = once "issuers" ordered {
    expected = ''"local" or "selfsigned" (ACME CAs come with a later version of bindsto)'';
    found = concatStringsSep ", " (map show certificates.${head ordered}.issuers);
  };

  # As nixos-certmagic has it: certificates that several machines share, whoever issues.
  refuseStorage = once "credentialFiles" (filter hasDsn everyName) {
    expected = "no CERTMAGIC_MYSQL_DSN_FILE (MySQL comes with a later version of bindsto)";
    found = "it";
  };
  hasDsn = name: certificates.${name}.credentialFiles or { } ? CERTMAGIC_MYSQL_DSN_FILE;

  refuse =
    names: defaults: option:
    let
      default = defaults.${option};
      affected = filter (name: (certificates.${name}.${option} or default) != default) names;
    in
    once option affected (later option default certificates.${head affected}.${option});

  # One problem for all certificates that have it: they may be thousands, and what is wrong
  # with them often stands in one place.
  once =
    option: names: problem:
    let
      others = length names - 1;
      more = if others == 0 then "" else ", also for ${toString others} more";
    in
    if names == [ ] then
      [ ]
    else
      [
        {
          where = "${whereFrom (head names) option}.${option}";
          inherit (problem) expected;
          found = problem.found + more;
        }
      ];

  whereFrom =
    name: option:
    let
      options = certificates.${name};
    in
    if
      options.inheritDefaults or true
      && (acme.defaults or { }).${option} or null == options.${option}
    then
      "security.acme.defaults"
    else
      at "security.acme.certs" name;
in
refuseIssuers
++ refuseStorage
++ concatMap (refuse ordered withAcme) (attrNames withAcme)
++ concatMap (refuse everyName always) (attrNames always)
++ (if ordered == [ ] then [ ] else checkLater "security.acme" ofTheHost acme)
