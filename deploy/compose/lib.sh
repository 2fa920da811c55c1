# What the scripts of this folder have in common; each sources it. COMPOSE_FILE and COMPOSE_PROJECT_NAME mean to them what they mean to Compose.
# shellcheck shell=bash

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ENV_FILE=$HERE/.env
READY_SECONDS_MAX=180

fail() {
  printf 'Error: %s\n' "$*" >&2
  exit 1
}

say() { printf '%s\n' "$*"; }

# sha256sum, or what macOS has in its place.
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# Compose with the files of this folder, from wherever the script is called.
compose() { (cd "$HERE" && docker compose "$@"); }

need_docker() {
  command -v docker >/dev/null || fail "docker cannot be found. Install Docker Engine: https://docs.docker.com/engine/install"
  docker version >/dev/null 2>&1 || fail "the Docker engine does not answer. Start it, or give this user the right to use it."
  local version
  version=$(docker compose version --short 2>/dev/null) ||
    fail "'docker compose' is missing: Compose 2.20 or newer is needed (package docker-compose-plugin; docker-compose of Debian 12 is too old)."
  version=${version#v}
  [[ $version =~ ^([0-9]+)\.([0-9]+) ]] || return 0
  ((BASH_REMATCH[1] > 2 || (BASH_REMATCH[1] == 2 && BASH_REMATCH[2] >= 20))) ||
    fail "Compose 2.20 or newer is needed, this is $version."
}

need_keys() {
  [ -f "$ENV_FILE" ] || fail "there are no keys in $ENV_FILE. Run $HERE/up.sh, which makes them."
}

project() { compose config | sed -n 's/^name: //p'; }

# Read to its end first: a program that writes on to nobody would count as failed.
has_service() {
  local services
  services=$(compose config --services)
  grep -qx "$1" <<<"$services"
}

# The image that services of the project have whose name begins so.
image_of() { compose config --images | sort -u | sed -n "/^$1:/p"; }

# Keeps a variable in .env, so that the next "docker compose up" knows it too.
set_env_value() {
  local kept
  kept=$(grep -v "^$1=" "$ENV_FILE" || true)
  (umask 077 && printf '%s\n%s=%s\n' "$kept" "$1" "$2" >"$ENV_FILE.new") && mv "$ENV_FILE.new" "$ENV_FILE"
}

# Containers of a service by number: "id number" lines, stopped ones too.
replicas() {
  local id
  for id in $(compose ps -aq "$1"); do
    printf '%s %s\n' "$id" "$(docker inspect -f '{{index .Config.Labels "com.docker.compose.container-number"}}' "$id")"
  done | sort -k2n
}

wait_until_healthy() {
  local end=$((SECONDS + READY_SECONDS_MAX)) state
  while state=$(docker inspect -f '{{.State.Health.Status}}' "$1"); [ "$state" != healthy ]; do
    [ "$(docker inspect -f '{{.State.Running}}' "$1")" = true ] || fail "$2 has ended: docker logs $1"
    ((SECONDS < end)) || fail "$2 is not ready after $READY_SECONDS_MAX seconds: docker logs $1"
    sleep 0.5
  done
}
