#!/bin/sh
# Runs this folder's own Node, whatever else is installed.
set -eu
here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/node" "$here/packages/node/bin/bitfleet" APP "$@"
