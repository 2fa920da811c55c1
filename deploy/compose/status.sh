#!/usr/bin/env bash
# Every replica with its health, height, peers and ports on this host. Ends with 1 where one is not healthy.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# = 0 ] || fail "usage: status.sh"
need_docker

ports_of() { docker port "$1" | sed -n 's/^\([0-9]*\)[^ ]* -> \(.*\)$/\2 (\1)/p' | sort | paste -sd' ' -; }

row='%-24s %-10s %7s %6s  %s\n'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# tell SERVICE CONTAINER: its row. Fails where it is not healthy.
tell() {
  local name state height=- peers=- answers
  name=$(docker inspect -f '{{.Name}}' "$2")
  state=$(docker inspect -f '{{if .State.Running}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$2")
  if [ "$1" != redis ] && [ "$(docker inspect -f '{{.State.Running}}' "$2")" = true ]; then
    answers=$(docker exec "$2" sh -c 'bitcoin-cli getblockcount && bitcoin-cli getconnectioncount' 2>/dev/null) || answers='? ?'
    read -r height peers <<<"${answers//$'\n'/ }"
  fi
  # shellcheck disable=SC2059
  printf "$row" "${name#/}" "$state" "$height" "$peers" "$(ports_of "$2")"
  [ "$state" = healthy ]
}

# All are asked at once: each takes a moment to answer.
count=0
waited=()
for service in miner webserver redis; do
  has_service "$service" || continue
  while read -r id _; do
    [ -n "$id" ] || continue
    count=$((count + 1))
    tell "$service" "$id" >"$work/$(printf %03d $count)" &
    waited+=($!)
  done < <(replicas "$service")
done
bad=0
for one in "${waited[@]}"; do wait "$one" || bad=1; done
# shellcheck disable=SC2059
printf "$row" replica health height peers "on this host (in the container)"
[ "$count" = 0 ] || cat "$work"/*
exit "$bad"
