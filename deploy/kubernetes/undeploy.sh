#!/usr/bin/env bash
# Takes an overlay out of a cluster. Chain, wallets, backups and the Secret stay, so that deploy.sh goes on where this stopped; --delete-data deletes
# them, too.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

overlay=local
delete_data=no

usage() {
  cat <<'TEXT'
Usage: undeploy.sh [OVERLAY] [--delete-data] [--context NAME] [--yes]

  OVERLAY          the one that was applied; local by default
  --delete-data    also delete all claims, the Secret with the treasury's phrase, and the namespace. There is no way back.
  --context NAME   of kubectl
  --yes            do not ask
TEXT
}

while [ $# -gt 0 ]; do
  case $1 in
    --delete-data) delete_data=yes ;;
    --context) context=${2:?--context needs a name} && shift ;;
    --yes) assume_yes=yes ;;
    -h | --help) usage && exit ;;
    -*) usage >&2 && exit 2 ;;
    *) overlay=$1 ;;
  esac
  shift
done

folder=$(overlay_folder "$overlay")
reach_cluster
if [ "$delete_data" = yes ]; then
  k -n "$namespace" get persistentvolumeclaims 2>/dev/null || true
  confirm "Delete the network, these claims, the Secret with the treasury's phrase, and the namespace $namespace?"
else
  confirm "Stop the network and keep its data?"
fi

# The namespace would take all claims along, whatever they are told to be kept for. Storage classes may be others' as well.
kubectl kustomize "$folder" | without 'Namespace|PersistentVolumeClaim|StorageClass' | k delete --ignore-not-found -f -

if [ "$delete_data" = yes ]; then
  k -n "$namespace" delete persistentvolumeclaims --all
  k -n "$namespace" delete secret blockchain-secrets --ignore-not-found
  k delete namespace "$namespace" --ignore-not-found
  say "All of it is gone. Volumes of a StorageClass with reclaimPolicy Retain stay until they are deleted by hand: kubectl get persistentvolumes"
else
  say "Stopped. These stay, for the next deploy.sh:"
  k -n "$namespace" get persistentvolumeclaims,secrets
fi
