#!/bin/sh
printf 'GF_SECURITY_SECRET_KEY=%s\n' "$(head -c 24 /dev/urandom | base64)" >"$out/env"
