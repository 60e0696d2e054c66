# Every byte that can stand in a UTF-8 string except NUL, as { hex, string }: Nix has neither
# a way from a character to its number nor escapes for bytes, but JSON has escapes for
# characters, and `substring` cuts between bytes.
let
  inherit (builtins)
    elemAt
    fromJSON
    genList
    substring
    ;

  ascii = range 1 127 (n: character n);

  # The second byte of U+0080 to U+00BF has the character's own number.
  continuation = range 128 191 (n: substring 1 1 (character n));

  # Lead bytes: of the first character that has them. C0, C1 and F5 to FF are in no UTF-8.
  leadOfTwo = range 194 223 (n: first (character ((n - 192) * 64)));
  leadOfThree = range 224 239 (n: first (character (if n == 224 then 2048 else (n - 224) * 4096)));
  leadOfFour = range 240 244 (n: first (fromJSON ''"${elemAt surrogates (n - 240)}"''));
  surrogates = [
    "\\ud800\\udc00"
    "\\ud8c0\\udc00"
    "\\ud9c0\\udc00"
    "\\udac0\\udc00"
    "\\udbc0\\udc00"
  ];

  range =
    from: to: string:
    genList (
      index:
      let
        n = from + index;
      in
      {
        hex = hex n;
        string = string n;
      }
    ) (to - from + 1);

  first = substring 0 1;
  character = n: fromJSON ''"\u${hex (n / 256)}${hex (n - n / 256 * 256)}"'';
  hex = n: digit (n / 16) + digit (n - n / 16 * 16);
  digit = n: substring n 1 "0123456789abcdef";
in
ascii ++ continuation ++ leadOfTwo ++ leadOfThree ++ leadOfFour
