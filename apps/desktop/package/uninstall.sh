#!/bin/sh
# Takes Bitfleet's windows out of this user's list of programs. What the wallet keeps stays where it is.
set -eu
cd "$(dirname "$0")"
exec ./bin/node packages/node/bin/bitfleet desktop uninstall
