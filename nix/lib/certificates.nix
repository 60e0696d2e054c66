# `security.acme` of a NixOS configuration -> the manifest's certificates.
acme:
let
  inherit (builtins)
    any
    attrNames
    concatMap
    mapAttrs
    ;

  differing = import ./differing.nix;
  kinds = import ./kinds.nix;
  later = import ./later.nix;
  names = import ./names.nix;
  inherit (import ./problems.nix) at check checkOptions;

  # The defaults of NixOS' own module.
  letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";
  upstream = {
    group = "acme";
    keyType = "ec256";
    reloadServices = [ ];
    server = letsEncrypt;
  };

  defaults = upstream // (acme.defaults or { });

  # Every option of every certificate, whoever said it. As in NixOS' module, validMinDays is
  # not passed on: 30 days, meant for a life of 90, would renew what lives 6 days for ever.
  certificates = mapAttrs (
    name: own:
    let
      inherited =
        if own.inheritDefaults or true then removeAttrs defaults [ "validMinDays" ] else upstream;
      options = itemDefaults name // inherited // own;
    in
    options // { issuers = issuersOf options; }
  ) (acme.certs or { });

  itemDefaults = name: {
    domain = name;
    extraDomainNames = [ ];
    validMinDays = null;
  };

  # Without `issuers`, it is the one ACME server, as ever.
  issuersOf = options: options.issuers or [ (serverOf options) ];
  serverOf = options: if options.server == null then letsEncrypt else options.server;

  # What stands once. ACME CAs are left out: unless a certificate uses them, they do no harm.
  common = {
    inherit (defaults) group keyType reloadServices;
    validMinDays = null;
    issuers = if any kinds.isAcme (issuersOf defaults) then null else issuersOf defaults;
  };
  written = if common.issuers == null then removeAttrs common [ "issuers" ] else common;

  itemOf = name: differing (common // itemDefaults name);

  optionKinds = {
    inherit (kinds) domain keyType;
    group = kinds.account;
    extraDomainNames = kinds.every kinds.domain;
    issuers = kinds.both kinds.notEmpty (kinds.every kinds.issuer);
    reloadServices = kinds.every kinds.unit;
    validMinDays = kinds.nullOr kinds.natural;
  };

  problemsOf =
    name:
    let
      where = at "security.acme.certs" name;
      options = certificates.${name};
    in
    check where names.certificateNameProblem name
    ++ checkOptions where optionKinds (itemOf name options // { inherit (options) domain; });
in
{
  defaults = written;
  items = mapAttrs itemOf certificates;
  problems =
    checkOptions "security.acme.defaults" optionKinds written
    ++ concatMap problemsOf (attrNames certificates)
    ++ later { inherit acme certificates; };
}
