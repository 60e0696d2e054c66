# Of the values that a base knows, those that are not the base's own: defaults stand once,
# items hold the rest.
base: values:
let
  known = builtins.intersectAttrs base values;
in
removeAttrs known (
  builtins.filter (name: base.${name} == known.${name}) (builtins.attrNames known)
)
