# What values may be, as src/manifest/schema.ts says it, so that a configuration which
# evaluates without a message never becomes a manifest that is refused on the host. A kind is
# a function from a value to null, or to what was expected and what was found.
let
  inherit (builtins)
    concatStringsSep
    elem
    filter
    head
    isAttrs
    isInt
    isList
    isPath
    isString
    match
    stringLength
    substring
    toJSON
    ;

  kind =
    expected: accepts: value:
    if accepts value then
      null
    else
      {
        inherit expected;
        found = show value;
      };

  # Values end up on terminals: long ones, and those of several lines, are not repeated.
  show =
    value:
    if isString value && (stringLength value > 80 || match "[^[:cntrl:]]*" value == null) then
      "a long text"
    else if value == [ ] || value == { } then
      "none"
    else if isList value then
      "a list"
    else if isAttrs value then
      "a set"
    else if isPath value then
      toString value
    else
      toJSON value;

  matching =
    expected: pattern:
    kind expected (value: isString value && match pattern value != null);

  # One of a few; some others are no mistake, only too early.
  oneOf =
    known: later: value:
    kind (
      concatStringsSep " or " (map toJSON known)
      + (if elem value later then " (${value} comes with a later version of bindsto)" else "")
    ) (value: elem value known) value;

  hostName = "${label "[A-Za-z0-9_]" "[A-Za-z0-9_-]"}([.]${label "[A-Za-z0-9]" "[A-Za-z0-9-]"})*";
  label = first: middle: "${first}(${middle}{0,61}[A-Za-z0-9])?";
in
rec {
  inherit kind show;

  text = kind "a text" isString;
  natural = kind "a whole number, 0 or more" (value: isInt value && value >= 0);
  positive = kind "a whole number, 1 or more" (value: isInt value && value >= 1);
  absolutePath = kind "an absolute path" (value: isString value && substring 0 1 value == "/");

  account = matching "a user or group name" "[A-Za-z0-9_][A-Za-z0-9_.-]*[$]?";
  domain =
    matching "a host name, a wildcard of one, or an IP address"
      "([*][.])?${hostName}|[0-9a-fA-F:.]+";
  mode = matching ''three octal digits, as in "0400"'' "0?[0-7]{3}";
  unit = matching ''the name of a unit, as in "nginx.service"'' "[A-Za-z0-9:_.\\@-]+";

  keyType =
    oneOf
      [
        "ec256"
        "rsa2048"
      ]
      [
        "ec384"
        "rsa3072"
        "rsa4096"
        "rsa8192"
      ];
  backend =
    oneOf
      [
        "agenix"
        "dummy"
      ]
      [
        "plain"
        "script"
        "sops"
        "sops-nix"
      ];

  # ACME CAs are refused by later.nix, once for all certificates.
  issuer = value: if isAcme value then null else builtInIssuer value;
  builtInIssuer = oneOf [
    "local"
    "selfsigned"
  ] [ ];
  isAcme = value: isString value && match "https?://.*" value != null;

  # Still at its default.
  later =
    option: default:
    kind "it unset (${option} comes with a later version of bindsto)" (value: value == default);

  # The first problem of any element.
  every =
    kind: values:
    let
      problems = filter (problem: problem != null) (map kind values);
    in
    if problems == [ ] then null else head problems;

  notEmpty = kind "at least one" (values: values != [ ] && values != { });

  nullOr = kind: value: if value == null then null else kind value;

  both = first: second: value: if first value == null then second value else first value;
}
