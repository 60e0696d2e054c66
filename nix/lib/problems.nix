# What is wrong, as src/manifest/problems.ts says it: { where, expected, found }, where `where`
# is the path of an option. In lists, so that everything is said at once.
let
  inherit (builtins)
    attrNames
    concatMap
    head
    length
    match
    toJSON
    ;
  inherit (import ./kinds.nix) later;
in
rec {
  message =
    {
      where,
      expected,
      found,
    }:
    "${where}: expected ${expected}, found ${found}";

  # `certs` and `a.example` make `certs."a.example"`.
  at =
    base: name:
    "${base}.${if match "[A-Za-z_][A-Za-z0-9_-]*" name != null then name else toJSON name}";

  # By a kind of kinds.nix, or a rule of names.nix.
  check =
    where: kind: value:
    let
      problem = kind value;
    in
    if problem == null then [ ] else [ (problem // { inherit where; }) ];

  # Options of a set, by a set of kinds.
  checkOptions =
    where: kinds: options:
    concatMap (option: check "${where}.${option}" kinds.${option} options.${option}) (
      attrNames options
    );

  # One problem for all items that have it: they may be thousands, and what is wrong with them
  # often stands in one place.
  forAll =
    whereOf: names: problemOf:
    let
      first = head names;
      problem = problemOf first;
      others = length names - 1;
      more = if others == 0 then "" else ", also for ${toString others} more";
    in
    if names == [ ] then
      [ ]
    else
      [
        {
          where = whereOf first;
          inherit (problem) expected;
          found = problem.found + more;
        }
      ];

  # Options that nobody may set yet, by a set of their defaults.
  checkLater =
    where: defaults: options:
    concatMap (
      option:
      check "${where}.${option}" (later option defaults.${option}) (
        options.${option} or defaults.${option}
      )
    ) (attrNames defaults);
}
