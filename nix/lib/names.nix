# The rules of src/manifest/names.ts, word for word: both sides refuse the same names and
# make the same instances of the others. tests/nix/names.test.ts compares them.
let
  inherit (builtins)
    elem
    filter
    match
    replaceStrings
    stringLength
    substring
    toJSON
    ;

  longestInstance = 227;

  # Names below /var/lib/acme that are taken. Those with a leading dot are refused anyway.
  reservedCertificates = [ "acme-challenge" ];

  # Directories, and what JavaScript takes for a part of every object.
  notFiles = [
    "."
    ".."
    "__proto__"
    "constructor"
    "prototype"
  ];

  # The name as it stands in unit names and in state paths. replaceStrings goes byte by
  # byte, and only over the few names that are not plain.
  instanceOf = name: if isPlain name then name else replaceStrings unusual escapes name;
  unusual = map (byte: byte.string) unusualBytes;
  escapes = map (byte: "\\x${byte.hex}") unusualBytes;
  unusualBytes = filter (byte: !isPlain byte.string) (import ./bytes.nix);

  isPlain = text: match "[A-Za-z0-9:_.-]+" text != null;

  # Each of these is null for a good name.
  certificateNameProblem =
    name:
    if elem name reservedCertificates then
      problem "a name that is not taken below /var/lib/acme" (toJSON name)
    else
      artifactNameProblem name;

  artifactNameProblem =
    name:
    let
      characters = characterProblem name;
      length = stringLength (instanceOf name);
    in
    if match "[.-]" (substring 0 1 name) != null then
      problem "no dot or dash in front" (toJSON name)
    else if characters != null then
      characters
    else if length > longestInstance then
      problem "at most ${toString longestInstance} characters after escaping" (toString length)
    else
      null;

  # A file of an artifact: becomes a file name as it is.
  fileNameProblem =
    name:
    if elem name notFiles then
      problem "a file name" (toJSON name)
    else if stringLength name > 255 then
      problem "at most 255 bytes" "${toString (stringLength name)} bytes"
    else
      characterProblem name;

  characterProblem =
    name:
    if name == "" then
      problem "a name" "an empty one"
    else if match "[^/[:cntrl:]]*" name == null then
      problem "no slash, NUL or control character" (toJSON name)
    else
      null;

  problem = expected: found: { inherit expected found; };
in
{
  inherit
    instanceOf
    certificateNameProblem
    artifactNameProblem
    fileNameProblem
    ;
}
