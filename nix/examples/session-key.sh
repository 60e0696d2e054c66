#!/bin/sh
head -c 48 /dev/urandom | base64 >"$out/key"
