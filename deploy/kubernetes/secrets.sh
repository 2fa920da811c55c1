#!/usr/bin/env bash
# Makes the keys, the Redis password, and the treasury's phrase with its address, and puts them into the cluster as the Secret blockchain-secrets.
# One that is there already is never touched: it has the key to all that was mined.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

network=regtest
print=no
image=${IMAGE:-blockchain-node:0.1.0}

usage() {
  cat <<'TEXT'
Usage: secrets.sh [--print] [--network NAME] [--context NAME] [--yes]

  --print          print the Secret as YAML and leave the cluster alone: for kubeseal, or a manager of secrets
  --network NAME   of the treasury's address: regtest (as the overlays have it), signet, …
  --context NAME   of kubectl
  --yes            do not ask

Uses bitfleet of this repository, or else of the image $IMAGE (blockchain-node:0.1.0).
TEXT
}

while [ $# -gt 0 ]; do
  case $1 in
    --print) print=yes ;;
    --network) network=${2:?--network needs a name} && shift ;;
    --context) context=${2:?--context needs a name} && shift ;;
    --yes) assume_yes=yes ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

# The Secret as YAML; what bitfleet has to say about it goes to the terminal.
make_secret() {
  local program=$here/../../packages/node/bin/bitfleet
  if [ -x "$program" ] && [ -f "$here/../../dist/bitfleet.cjs" ] && command -v node >/dev/null; then
    "$program" secrets --format kubernetes --network "$network"
  elif command -v docker >/dev/null; then
    docker run --rm --network none "$image" bitfleet secrets --format kubernetes --network "$network"
  else
    die "Neither Node.js with a built repository (npm run build) nor Docker is here to make the secrets with."
  fi
}

if [ "$print" = yes ]; then
  make_secret
  exit
fi

reach_cluster
if k -n "$namespace" get secret blockchain-secrets >/dev/null 2>&1; then
  die "The Secret blockchain-secrets is there already, and is left as it is: its phrase is that of the treasury. To have others, keep the phrase, delete it by hand, and come again."
fi
confirm "Make new secrets there?"
k apply -f "$here/base/namespace.yaml" >/dev/null
# "create" and not "apply": should somebody have been faster, this is refused.
make_secret | k create -f -
cat <<TEXT
Keep the phrase outside of the cluster, on paper: it is the treasury.
  kubectl -n $namespace get secret blockchain-secrets -o jsonpath='{.data.TREASURY_MNEMONIC}' | base64 -d
TEXT
