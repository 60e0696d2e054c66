// Both take two directories: of `key` and `*.age`, and where the contents go.

/** One process for each file, and nothing else: nobody's mode or owner is set, nothing is swapped. */
export const bareScript = `
for file in "$1"/*.age; do
  name=\${file##*/}
  age -d -i "$1/key" -o "$2/\${name%.age}" "$file"
done`;

/** What agenix' activation script does for each file (modules/age.nix), but for its warnings. */
export const agenixScript = `
for file in "$1"/*.age; do
  name=\${file##*/}
  path=$2/\${name%.age}
  mkdir -p "$(dirname "$path")"
  (
    umask u=r,g=,o=
    age --decrypt -i "$1/key" -o "$path.tmp" "$file"
  )
  chmod 0400 "$path.tmp"
  mv -f "$path.tmp" "$path"
  chown 0:0 "$path"
done`;
