# What has to be so where certificates are ordered from ACME CAs: as NixOS' own module asserts
# it, with `challenge` beside its options. Each is said once for all certificates.
{
  acme,
  certificates,
  ordered,
}:
let
  inherit (builtins)
    any
    concatStringsSep
    filter
    head
    length
    substring
    ;

  kinds = import ./kinds.nix;
  inherit (import ./problems.nix) at check forAll;

  acceptTerms =
    if ordered == [ ] then
      [ ]
    else
      check "security.acme.acceptTerms" (kinds.kind "true, the terms of service of ${firstCa}" (
        value: value == true
      )) (acme.acceptTerms or false);
  firstCa = head (filter kinds.isAcme certificates.${head ordered}.issuers);

  # Those that come with a later version are refused by name elsewhere.
  challenges = [
    "webroot"
    "listenHTTP"
    "challenge"
    "dnsProvider"
    "s3Bucket"
  ];
  challengesOf = name: filter (option: certificates.${name}.${option} or null != null) challenges;
  oneChallenge =
    forAll (at "security.acme.certs") (filter (name: length (challengesOf name) != 1) ordered)
      (name: {
        expected = "exactly one of webroot, listenHTTP and challenge, for an ACME CA";
        found =
          if challengesOf name == [ ] then "none" else concatStringsSep " and " (challengesOf name);
      });

  isWildcard = domain: substring 0 2 domain == "*.";
  wildcardsOf =
    name:
    let
      inherit (certificates.${name}) domain extraDomainNames;
    in
    filter isWildcard ([ domain ] ++ extraDomainNames);
  withoutDns = filter (name: certificates.${name}.dnsProvider or null == null) ordered;
  noWildcard =
    forAll (at "security.acme.certs") (filter (name: any isWildcard (wildcardsOf name)) withoutDns)
      (name: {
        expected = "no wildcard without DNS-01 (which comes with a later version of bindsto)";
        found = head (wildcardsOf name);
      });
in
acceptTerms ++ oneChallenge ++ noWildcard
