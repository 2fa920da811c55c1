#!/usr/bin/env bash
# scale.sh M W: M miners and W web servers. More are started one after the other; of fewer the last go, and their data stay for when they come back.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

REPLICAS_MAX=20

count() {
  [[ $1 =~ ^[0-9]{1,3}$ ]] || fail "usage: scale.sh MINERS WEBSERVERS; '$1' is no number of $2."
  local number=$((10#$1))
  ((number <= REPLICAS_MAX)) || fail "$number $2 are more than there are ports for ($REPLICAS_MAX): see MINER_P2P_PORTS and WEBSERVER_HTTP_PORTS in README.md."
  printf '%s' "$number"
}

[ $# = 2 ] || fail "usage: scale.sh MINERS WEBSERVERS, as scale.sh 3 2"
miners=$(count "$1" miners)
webservers=$(count "$2" "web servers")
need_docker
need_keys
if has_service miner; then
  ((miners >= 1)) || fail "the first miner cannot go: it has the wallet, and the others connect to it. docker compose stop stops everything."
  set_env_value MINERS "$miners"
fi
if has_service webserver; then set_env_value WEBSERVERS "$webservers"; fi

# Numbers of the shell's own environment would win over those just written.
unset MINERS WEBSERVERS
compose up -d --wait --no-recreate --no-build
"$HERE/status.sh"
