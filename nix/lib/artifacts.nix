# `artifacts` of a NixOS configuration -> the manifest's artifacts.
{ artifacts, hostName }:
let
  inherit (builtins) attrValues mapAttrs;

  differing = import ./differing.nix;
  kinds = import ./kinds.nix;
  inherit (import ./names.nix) instanceOf;

  agenix = import ./agenix.nix {
    options = artifacts.config.agenix or { };
    inherit hostName;
  };

  defaultBackend = artifacts.default.backend or null;
  hasDefault = kinds.backend defaultBackend == null;

  # What stands once. A backend that this version does not have is left out: unless an
  # artifact uses it, it does no harm.
  defaults = fileDefaults // (if hasDefault then { backend = defaultBackend; } else { });
  fileDefaults = {
    owner = "root";
    group = "root";
    mode = "0400";
  };

  itemDefaults = {
    backend = if hasDefault then defaultBackend else null;
    description = null;
    files = { };
    generator = null;
    prompts = { };
    reloadServices = [ ];
    restartServices = [ ];
    shared = false;
    validation = null;
  };

  # Every option of every artifact, and its name.
  store = mapAttrs (
    name: own: itemDefaults // { backend = defaultBackend; } // own // { inherit name; }
  ) (artifacts.store or { });

  # The generator belongs to the item only where the target runs it: else every host would
  # hold the programs that made its secrets somewhere else.
  itemOf =
    _: artifact:
    differing itemDefaults (
      artifact
      // {
        files = mapAttrs (fileOf artifact) artifact.files;
        prompts = mapAttrs promptOf artifact.prompts;
        generator =
          if artifact.backend == "dummy" && artifact.generator != null then
            "${artifact.generator}"
          else
            null;
      }
    );

  fileOf =
    artifact: file: own:
    let
      base = fileDefaults // {
        neededForUsers = false;
        path = "/run/artifacts/${instanceOf artifact.name}/${file}";
        source = null;
      };
      source = if artifact.backend == "agenix" then agenix.sourceOf artifact file else null;
    in
    differing base (own // { inherit source; });

  promptOf = prompt: differing { description = "input for ${prompt}"; };
in
{
  inherit defaults;
  backends = {
    agenix = agenix.settings;
  };
  items = mapAttrs itemOf store;
  problems = import ./artifact-problems.nix {
    inherit agenix defaultBackend;
    artifacts = attrValues store;
  };
}
