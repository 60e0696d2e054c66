# What is wrong with artifacts, each with all its options.
{
  artifacts,
  agenix,
  defaultBackend,
}:
let
  inherit (builtins)
    any
    attrNames
    attrValues
    concatMap
    groupBy
    head
    intersectAttrs
    tail
    ;

  kinds = import ./kinds.nix;
  names = import ./names.nix;
  inherit (import ./problems.nix)
    at
    check
    checkLater
    checkOptions
    ;

  when = condition: problems: if condition then problems else [ ];

  # The default backend is looked at once, and only when something uses it.
  inheritsBackend = artifact: artifact.backend == defaultBackend;
  backendProblems = when (any inheritsBackend artifacts) (
    check "artifacts.default.backend" kinds.backend defaultBackend
  );
  agenixProblems = when (any (artifact: artifact.backend == "agenix") artifacts) agenix.problems;

  problemsOf =
    artifact:
    let
      where = at "artifacts.store" artifact.name;
    in
    check where names.artifactNameProblem artifact.name
    ++ checkOptions where artifactKinds (intersectAttrs artifactKinds artifact)
    ++ when (!inheritsBackend artifact) (check "${where}.backend" kinds.backend artifact.backend)
    ++ when (artifact.backend == "dummy") (check "${where}.generator" program artifact.generator)
    ++ checkLater where { dependencies = [ ]; } artifact
    ++ concatMap (problemsOfFile artifact "${where}.files") (attrNames artifact.files)
    ++ concatMap (problemsOfPrompt artifact "${where}.prompts") (attrNames artifact.prompts);

  artifactKinds = {
    description = kinds.nullOr kinds.text;
    files = kinds.notEmpty;
    reloadServices = kinds.every kinds.unit;
    restartServices = kinds.every kinds.unit;
  };
  program = kinds.kind "a program, since the backend is dummy" (value: value != null);

  problemsOfFile =
    artifact: files: name:
    let
      file = artifact.files.${name};
      where = at files name;
    in
    check where names.fileNameProblem name
    ++ checkOptions where fileKinds (intersectAttrs fileKinds file)
    ++ checkLater where {
      secret = true;
      template = null;
    } file
    ++ when (artifact.backend == "dummy") (
      check "${where}.neededForUsers" early (file.neededForUsers or false)
    )
    ++ when (artifact.backend == "agenix") (agenix.problemsOf where artifact name);

  fileKinds = {
    owner = kinds.account;
    group = kinds.account;
    inherit (kinds) mode;
    path = kinds.absolutePath;
  };
  early = kinds.kind "false (a backend that runs a program is too late for accounts)" (
    value: !value
  );

  problemsOfPrompt =
    artifact: prompts: name:
    let
      prompt = artifact.prompts.${name};
      where = at prompts name;
    in
    check where names.fileNameProblem name
    ++ checkOptions where promptKinds (intersectAttrs promptKinds prompt)
    ++ checkLater where { type = "line"; } prompt;

  promptKinds = {
    description = kinds.text;
  };

  # Two files cannot be linked to from one place.
  clashes = concatMap (files: map (clashWith (head files)) (tail files)) (
    attrValues (groupBy (file: file.path) (concatMap declaredPaths artifacts))
  );

  declaredPaths =
    artifact:
    concatMap (
      name:
      let
        file = artifact.files.${name};
      in
      when (file ? path) [
        {
          inherit (file) path;
          artifact = artifact.name;
          where = "${at (at "artifacts.store" artifact.name + ".files") name}.path";
        }
      ]
    ) (attrNames artifact.files);

  clashWith = first: file: {
    inherit (file) where;
    expected = "a path of its own";
    found = "that of artifact ${builtins.toJSON first.artifact}";
  };
in
backendProblems ++ agenixProblems ++ concatMap problemsOf artifacts ++ clashes
