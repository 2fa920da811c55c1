#!/bin/sh
# Puts Bitfleet's windows into this user's list of programs, from where this folder is now; uninstall.sh takes them out again.
set -eu
cd "$(dirname "$0")"
exec ./bin/node packages/node/bin/bitfleet desktop install
