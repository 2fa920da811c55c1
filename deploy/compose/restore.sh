#!/usr/bin/env bash
# restore.sh DIR [--force]: the volumes as backup.sh found them, and as many replicas as there were. With --force what volumes hold now is thrown away.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

usage="usage: restore.sh DIR [--force]"
[ $# = 1 ] || { [ $# = 2 ] && [ "$2" = --force ]; } || fail "$usage"
force=${2:-}
need_docker
need_keys
[ -d "$1" ] || fail "there is no directory $1. $usage"
from=$(cd "$1" && pwd)
[ -f "$from/SHA256SUMS" ] || fail "$from is no backup: it has no SHA256SUMS."
(cd "$from" && sha256 --quiet --strict -c SHA256SUMS) || fail "files of $from are not what backup.sh wrote; nothing was changed."
for file in "$from"/*.tar.gz; do
  grep -qF " ./$(basename "$file")" "$from/SHA256SUMS" || fail "$(basename "$file") does not belong to the backup; nothing was changed."
done

name=$(project)
image=$(image_of blockchain-node)
volumes=$(docker volume ls -q --filter "label=com.docker.compose.project=$name")
if [ -n "$volumes" ]; then
  [ "$force" = --force ] ||
    fail "the project $name has volumes, whose data would be lost ($(paste -sd' ' - <<<"$volumes")). --force replaces them."
  compose down --volumes
fi

while IFS='=' read -r key number; do
  [[ $key =~ ^(MINERS|WEBSERVERS)$ && $number =~ ^[0-9]+$ ]] || fail "backup.env has a line that it should not have: $key"
  set_env_value "$key" "$number"
done <"$from/backup.env"
unset MINERS WEBSERVERS

compose up --no-start --no-build
for file in "$from"/*.tar.gz; do
  short=$(basename "$file" .tar.gz)
  short=${short%%.*}
  volume=$(docker volume ls -q --filter "label=com.docker.compose.project=$name" --filter "label=com.docker.compose.volume=$short")
  [ -n "$volume" ] || fail "$(basename "$file") has no volume in this project."
  # At its own place in the image, so that a new volume gets its owner from there.
  case $short in
    redis-data) run=(--user redis -v "$volume:/data" --entrypoint tar "$(image_of redis)" -C /data) ;;
    *-wallets) run=(--user 1000:1000 -v "$volume:/app/wallets" --entrypoint tar "$image" -C /app/wallets) ;;
    *) run=(--user 1000:1000 -v "$volume:/app/data" --entrypoint tar "$image" -C /app/data) ;;
  esac
  docker run --rm -i --network none --cap-drop ALL "${run[@]}" -xzf - <"$file"
done
compose up -d --wait --no-build
"$HERE/status.sh"
