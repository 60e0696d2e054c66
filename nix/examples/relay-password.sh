#!/bin/sh
cat "$prompts/password" >"$out/password"
