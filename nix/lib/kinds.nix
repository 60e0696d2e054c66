# What values may be, as src/manifest/schema.ts says it, so that a configuration which
# evaluates without a message never becomes a manifest that is refused on the host. A kind is
# a function from a value to null, or to what was expected and what was found.
let
  inherit (builtins)
    attrNames
    attrValues
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
  byte = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
  port = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
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
        "ec384"
        "rsa2048"
        "rsa3072"
        "rsa4096"
      ]
      [ "rsa8192" ];
  challenge = oneOf [ "http-storage" ] [ "tls-alpn" ];
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

  issuer = kind ''"local", "selfsigned" or the https URL of an ACME directory'' (
    value: value == "local" || value == "selfsigned" || isAcme value
  );
  acmeUrl = kind "the https URL of an ACME directory" isAcme;
  isAcme =
    value:
    isString value
    && stringLength value <= 255
    && match ''https://[]A-Za-z0-9._:[-]+([/?][!"$-~]*)?'' value != null;

  email = matching "an e-mail address" "[^[:space:][:cntrl:]@,?<>]+@[^[:space:][:cntrl:]@,?<>]+";
  listenAddress =
    matching ''an address to listen on, as in ":80", "192.0.2.1:80" or "[2001:db8::1]:80"''
      "(${byte}([.]${byte}){3}|[[][0-9a-fA-F:.]+])?:${port}";

  credentialFile =
    matching "an absolute path without blanks and backslashes"
      "/[^[:space:][:cntrl:]\\]*";
  credentialFiles = both (files: every credentialName (attrNames files)) (
    files: every credentialFile (attrValues files)
  );
  credentialName =
    matching "names that end in _FILE or _PATH"
      "[A-Za-z][A-Za-z0-9_]*_(FILE|PATH)";

  # What seconds.nix has made of it.
  seconds = kind ''a time span, as in "900" or "15min"'' (value: isInt value && value >= 1);

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
