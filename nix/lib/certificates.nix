# `security.acme` of a NixOS configuration -> the manifest's certificates.
acme:
let
  inherit (builtins)
    any
    attrNames
    concatMap
    filter
    isPath
    mapAttrs
    ;

  differing = import ./differing.nix;
  kinds = import ./kinds.nix;
  later = import ./later.nix;
  names = import ./names.nix;
  ordering = import ./ordering.nix;
  secondsOf = import ./seconds.nix;
  inherit (import ./problems.nix) at check checkOptions;

  # The defaults of NixOS' own module.
  letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";
  upstream = {
    challenge = null;
    credentialFiles = { };
    email = null;
    environmentFile = null;
    group = "acme";
    keyType = "ec256";
    listenHTTP = null;
    postRun = "";
    reloadServices = [ ];
    renewIntervalFailed = "900";
    server = letsEncrypt;
    webroot = null;
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

  everyName = attrNames certificates;
  isOrdered = options: any kinds.isAcme options.issuers;
  ordered = filter (name: isOrdered certificates.${name}) everyName;

  # What the manifest says, whoever issues.
  valuesOf = options: options // { renewIntervalFailed = secondsOf options.renewIntervalFailed; };

  # And how to talk to an ACME CA. Strings: paths of secrets would be copied into the store,
  # where everybody can read them.
  orderingOf = options: {
    inherit (options)
      challenge
      email
      listenHTTP
      webroot
      ;
    credentialFiles = mapAttrs (_: pathOf) options.credentialFiles;
    environmentFile = pathOf options.environmentFile;
  };
  pathOf = path: if isPath path then toString path else path;

  # What stands once. What only goes with ACME CAs is left out unless a certificate uses
  # them: it does no harm.
  common = {
    inherit (valuesOf defaults)
      group
      keyType
      postRun
      reloadServices
      renewIntervalFailed
      ;
    validMinDays = null;
  }
  // (if usesAcme then orderingOf defaults else { })
  // (if usesAcme || !isOrdered { inherit issuers; } then { inherit issuers; } else { });
  usesAcme = ordered != [ ];
  issuers = issuersOf defaults;

  # Beyond these, the schema's own defaults are as good.
  written = {
    inherit (common)
      group
      keyType
      reloadServices
      validMinDays
      ;
  }
  // differing unsaid common;
  unsaid = {
    inherit (upstream)
      challenge
      credentialFiles
      email
      environmentFile
      listenHTTP
      postRun
      webroot
      ;
    issuers = null;
    renewIntervalFailed = null;
  };

  # Without a base to differ from, it is written.
  base = {
    issuers = null;
  }
  // common;
  itemOf =
    name: options:
    differing (base // itemDefaults name) (
      if isOrdered options then
        valuesOf options // orderingOf options
      else
        removeAttrs (valuesOf options) (attrNames (orderingOf upstream))
    );

  optionKinds = {
    inherit (kinds) credentialFiles domain keyType;
    challenge = kinds.nullOr kinds.challenge;
    email = kinds.nullOr kinds.email;
    environmentFile = kinds.nullOr kinds.credentialFile;
    extraDomainNames = kinds.every kinds.domain;
    group = kinds.account;
    issuers = kinds.both kinds.notEmpty (kinds.every kinds.issuer);
    listenHTTP = kinds.nullOr kinds.listenAddress;
    postRun = kinds.text;
    reloadServices = kinds.every kinds.unit;
    renewIntervalFailed = kinds.nullOr kinds.seconds;
    validMinDays = kinds.nullOr kinds.natural;
    webroot = kinds.nullOr kinds.absolutePath;
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
    ++ concatMap problemsOf everyName
    ++ ordering { inherit acme certificates ordered; }
    ++ later { inherit acme certificates ordered; };
}
