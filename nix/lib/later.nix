# Options of NixOS' module that this version of bindsto does not carry out yet: refused by
# name, so that no configuration evaluates and then does less than it says.
#
# Who comes from NixOS' module and sets `issuers = [ "local" ]`, as a fleet under test does,
# expects that all else may stay as it is; and nginx' enableACME sets webroot for each of its
# hosts, whoever issues. So what only says how to talk to an ACME CA counts for certificates
# that have one among their issuers. What says what a certificate is, or what this host does
# with it and when, counts always.
#
# Without effect, and nothing is lost: renewJitter (every certificate has a moment of its
# own), enableDebugLogs (of shell scripts).
{
  acme,
  certificates,
  ordered,
}:
let
  inherit (builtins)
    attrNames
    concatMap
    filter
    ;

  inherit (import ./kinds.nix) later;
  inherit (import ./problems.nix) at checkLater forAll;

  always = {
    csr = null;
    csrKey = null;
    renewInterval = "daily";
  };

  withAcme = {
    dnsPropagationCheck = true;
    dnsProvider = null;
    dnsResolver = null;
    extraLegoFlags = [ ];
    extraLegoRenewFlags = [ ];
    extraLegoRunFlags = [ ];
    ocspMustStaple = false;
    profile = null;
    s3Bucket = null;
  };

  ofTheHost = {
    useRoot = false;
  };

  everyName = attrNames certificates;

  # As nixos-certmagic has it: certificates that several machines share, whoever issues.
  refuseStorage = forAll (whereFrom "credentialFiles") (filter hasDsn everyName) (_: {
    expected = "no CERTMAGIC_MYSQL_DSN_FILE (MySQL comes with a later version of bindsto)";
    found = "it";
  });
  hasDsn = name: certificates.${name}.credentialFiles or { } ? CERTMAGIC_MYSQL_DSN_FILE;

  refuse =
    names: defaults: option:
    let
      default = defaults.${option};
      affected = filter (name: (certificates.${name}.${option} or default) != default) names;
    in
    forAll (whereFrom option) affected (
      name: later option default certificates.${name}.${option}
    );

  whereFrom =
    option: name:
    let
      options = certificates.${name};
    in
    if
      options.inheritDefaults or true
      && (acme.defaults or { }).${option} or null == options.${option}
    then
      "security.acme.defaults.${option}"
    else
      "${at "security.acme.certs" name}.${option}";
in
refuseStorage
++ concatMap (refuse ordered withAcme) (attrNames withAcme)
++ concatMap (refuse everyName always) (attrNames always)
++ (if ordered == [ ] then [ ] else checkLater "security.acme" ofTheHost acme)
