#!/usr/bin/env bash
# Every replica with its health, height, peers and ports on this host. Ends with 1 where one is not healthy.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# = 0 ] || fail "usage: status.sh"
need_docker

ports_of() { docker port "$1" | sed -n 's/^\([0-9]*\)[^ ]* -> \(.*\)$/\2 (\1)/p' | sort | paste -sd' ' -; }

bad=0
row='%-24s %-10s %7s %6s  %s\n'
# shellcheck disable=SC2059
printf "$row" replica health height peers "on this host (in the container)"
for service in miner webserver redis; do
  has_service "$service" || continue
  while read -r id _; do
    [ -n "$id" ] || continue
    name=$(docker inspect -f '{{.Name}}' "$id")
    state=$(docker inspect -f '{{if .State.Running}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$id")
    height=-
    peers=-
    if [ "$service" != redis ] && [ "$(docker inspect -f '{{.State.Running}}' "$id")" = true ]; then
      height=$(docker exec "$id" bitcoin-cli getblockcount 2>/dev/null) || height='?'
      peers=$(docker exec "$id" bitcoin-cli getconnectioncount 2>/dev/null) || peers='?'
    fi
    [ "$state" = healthy ] || bad=1
    # shellcheck disable=SC2059
    printf "$row" "${name#/}" "$state" "$height" "$peers" "$(ports_of "$id")"
  done < <(replicas "$service")
done
exit "$bad"
