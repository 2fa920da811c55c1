#!/usr/bin/env bash
# Starts everything of compose.yaml (or of COMPOSE_FILE), with an image and keys made first where there are none.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# = 0 ] || fail "usage: up.sh   (numbers of miners and web servers: scale.sh M W)"
need_docker

ROOT=$(cd "$HERE/../.." && pwd)
version=${BITFLEET_VERSION:-$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$ROOT/package.json")}
image=blockchain-node:$version
export BITFLEET_VERSION=$version
if ! docker image inspect "$image" >/dev/null 2>&1; then
  say "building the image $image, which takes a minute or two …"
  revision=$(git -C "$ROOT" rev-parse HEAD 2>/dev/null || echo unknown)
  docker build -q -f "$ROOT/deploy/docker/Dockerfile" -t "$image" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
    --build-arg "CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$ROOT" >/dev/null
fi

if [ ! -f "$ENV_FILE" ]; then
  # New keys beside an old wallet: miners would pay a phrase that no node has.
  project=${COMPOSE_PROJECT_NAME:-bitfleet}
  volumes=$(docker volume ls -q --filter "label=com.docker.compose.project=$project")
  [ -z "$volumes" ] ||
    fail "$ENV_FILE is gone, and the project $project has data made with its keys ($(paste -sd' ' - <<<"$volumes")). Put it back, or throw the data away: docker volume rm with these names."
  (umask 077 && docker run --rm --network none --entrypoint bitfleet "$image" secrets --format env >"$ENV_FILE.new")
  printf '\nCOMPOSE_PROJECT_NAME=bitfleet\n' >>"$ENV_FILE.new"
  mv "$ENV_FILE.new" "$ENV_FILE"
  say "keys made, for this user's eyes alone: $ENV_FILE"
fi

compose up -d --wait
"$HERE/status.sh"
if has_service webserver; then
  say ""
  say "The buttons of the page, /api/wallet and /api/admin take the key BITCOIN_API_ADMIN_KEY of $ENV_FILE."
fi
