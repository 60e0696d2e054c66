# A time span as systemd.time(7) writes it -> seconds. Null where it is the default of NixOS'
# own module, which stands for ours; what is no time span stays as it is.
span:
let
  inherit (builtins)
    all
    elemAt
    filter
    foldl'
    fromJSON
    hasAttr
    head
    isList
    isString
    match
    split
    ;

  units =
    let
      minute = 60;
      hour = 60 * minute;
      day = 24 * hour;
      week = 7 * day;
    in
    {
      s = 1;
      sec = 1;
      second = 1;
      seconds = 1;
      m = minute;
      min = minute;
      minutes = minute;
      inherit
        minute
        hour
        day
        week
        ;
      h = hour;
      hr = hour;
      hours = hour;
      d = day;
      days = day;
      w = week;
      weeks = week;
    };

  isPlain = match "[0-9]{1,9}" span != null;
  isSpan = match "([0-9]{1,9} *[a-z]+ *)+" span != null;
  parts = filter isList (split "([0-9]+) *([a-z]+)" span);
  isKnown = all (part: hasAttr (elemAt part 1) units) parts;
  total = foldl' (sum: part: sum + number (elemAt part 0) * units.${elemAt part 1}) 0 parts;

  # JSON knows no leading zeros
  number = digits: fromJSON (head (match "0*([0-9]+)" digits));
in
if span == "900" then
  null
else if !isString span then
  span
else if isPlain then
  number span
else if isSpan && isKnown then
  total
else
  span
