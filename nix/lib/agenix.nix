# The backend agenix: where the encrypted files are, in the layout of nixos-artifacts-agenix,
#
#   <flakeStoreDir>/per-machine/<machine>/<artifact>/<file>.age
#   <flakeStoreDir>/shared/<artifact>/<file>.age
#
# A directory that is a path, as in `flakeStoreDir = ./secrets`, is not taken into the store
# as a whole: a host holds its own files only, and its manifest changes with these only. One
# that is a string, as in "/persist/secrets", is used as it stands.
{ options, hostName }:
let
  inherit (builtins)
    isPath
    pathExists
    storeDir
    stringLength
    substring
    ;

  kinds = import ./kinds.nix;
  names = import ./names.nix;
  inherit (import ./problems.nix) check;

  machineName = options.machineName or hostName;
  directory = options.flakeStoreDir or (options.storeDir or null);

  fileOf =
    artifact: file:
    let
      owner = if artifact.shared then "shared" else "per-machine/${machineName}";
    in
    "${owner}/${artifact.name}/${file}.age";

  # All get one name in the store, since a file's own may hold what cannot stand there.
  sourceOf =
    artifact: file:
    if isPath directory then
      builtins.path {
        name = "artifact.age";
        path = directory + "/${fileOf artifact file}";
      }
    else
      "${directory}/${fileOf artifact file}";

  # Strings: paths would be copied into the store, where everybody can read them.
  identities = map toString (options.identityPaths or [ ]);

  problems =
    directoryProblems
    ++ check "artifacts.config.agenix.identityPaths" (kinds.every privatePath) identities;
  directoryProblems =
    check "artifacts.config.agenix.flakeStoreDir" storeDirectory directory
    ++ check "artifacts.config.agenix.machineName" machine machineName;

  storeDirectory = kinds.kind "the directory of the encrypted files, as in ./secrets" (
    value: isPath value || kinds.absolutePath value == null
  );
  machine = kinds.both kinds.text names.fileNameProblem;
  privatePath = kinds.both kinds.absolutePath (
    kinds.kind "a path outside of the store" (
      path: substring 0 (stringLength storeDir) path != storeDir
    )
  );

  # A missing path would stop the evaluation without saying which option wants it.
  problemsOf =
    where: artifact: file:
    if isPath directory && directoryProblems == [ ] then
      check where (kinds.kind "an encrypted file, known to git where this is a flake" pathExists) (
        directory + "/${fileOf artifact file}"
      )
    else
      [ ];
in
{
  inherit sourceOf problems problemsOf;
  settings = if options ? identityPaths then { inherit identities; } else { };
}
