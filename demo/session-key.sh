#!/bin/sh
# The generator of the artifact "session-key": a new one at each boot does no harm.
set -eu
head -c 32 /dev/urandom | base64 >"$out/key"
