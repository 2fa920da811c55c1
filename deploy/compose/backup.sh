#!/usr/bin/env bash
# backup.sh DIR: what all volumes hold, in a new directory. A node's files are of one moment only while it is stopped: one replica after the other is, for
# as long as it is read, while the others go on. Wallets are among it: who has the directory has the coins.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# = 1 ] || fail "usage: backup.sh DIR, which is made"
need_docker
need_keys
[ ! -e "$1" ] || fail "$1 is there already: a backup goes to a directory of its own."
mkdir -p "$(dirname "$1")"
target=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$target.partial
stopped=""

finish() {
  # Interrupted while it stops, it has first to come to its end: what is started before that is stopped all the same.
  [ -z "$stopped" ] || { docker stop -t 60 "$stopped" && docker start "$stopped"; } >/dev/null
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
rm -rf "$work"
(umask 077 && mkdir "$work")
umask 077

name=$(project)
image=$(image_of blockchain-node)

# volume_of SHORT: its full name, empty where there is none.
volume_of() { docker volume ls -q --filter "label=com.docker.compose.project=$name" --filter "label=com.docker.compose.volume=$1"; }

# pack VOLUME IMAGE USER FOLDER FILE
pack() {
  docker run --rm --network none --read-only --user "$3" --cap-drop ALL -v "$1:/from:ro" --entrypoint tar "$2" -C /from -czf - "$4" >"$work/$5"
}

folders_of() { docker run --rm --network none --read-only --cap-drop ALL -v "$1:/from:ro" --entrypoint ls "$image" -A /from; }

# pack_node SERVICE FOLDER: the folder in each volume of the service that has it.
pack_node() {
  local short volume folders
  for short in "$1-data" "$1-wallets"; do
    volume=$(volume_of "$short")
    [ -n "$volume" ] || continue
    folders=$(folders_of "$volume")
    if grep -qx "$2" <<<"$folders"; then pack "$volume" "$image" 1000:1000 "$2" "$short.$2.tar.gz"; fi
  done
}

stop_it() {
  stopped=$1
  docker stop -t 60 "$1" >/dev/null
}

# start_again CONTAINER NAME
start_again() {
  docker start "$1" >/dev/null
  stopped=""
  wait_until_healthy "$1" "$2"
}

for service in miner webserver; do
  has_service "$service" || continue
  packed=" "
  count=0
  while read -r -u 3 id number; do
    count=$((count + 1))
    folder=$service-$number
    began=$SECONDS
    running=$(docker inspect -f '{{.State.Running}}' "$id")
    [ "$running" = false ] || stop_it "$id"
    pack_node "$service" "$folder"
    [ "$running" = false ] || start_again "$id" "$folder"
    packed+="$folder "
    say "$folder: $((SECONDS - began)) s"
  done 3< <(replicas "$service")
  # Those of replicas that are gone for now.
  for folder in $(folders_of "$(volume_of "$service-data")"); do
    case $packed in *" $folder "*) ;; *) pack_node "$service" "$folder" && say "$folder: (not running)" ;; esac
  done
  printf '%s=%s\n' "$([ "$service" = miner ] && echo MINERS || echo WEBSERVERS)" "$count" >>"$work/backup.env"
done

if has_service redis; then
  while read -r -u 3 id _; do
    redis_image=$(docker inspect -f '{{.Config.Image}}' "$id")
    stop_it "$id"
    pack "$(volume_of redis-data)" "$redis_image" redis . redis-data.tar.gz
    start_again "$id" redis
    say "redis"
  done 3< <(replicas redis)
fi

(cd "$work" && sha256 ./*.tar.gz backup.env >SHA256SUMS)
mv "$work" "$target"
say "$(du -sh "$target" | cut -f1) in $target, readable by this user alone"
