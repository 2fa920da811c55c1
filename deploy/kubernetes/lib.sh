# shellcheck shell=bash
# What deploy.sh, undeploy.sh and secrets.sh have in common.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
namespace=blockchain
context=""
assume_yes=no

say() { printf '%s\n' "$*"; }
warn() { printf 'Warning: %s\n' "$*" >&2; }
die() {
  printf 'Error: %s\n' "$*" >&2
  exit 1
}

# kubectl in the chosen context.
k() { kubectl ${context:+--context "$context"} "$@"; }

# Asks a question that yes or no answers; --yes has answered it.
confirm() {
  [ "$assume_yes" = yes ] && return
  [ -t 0 ] || die "Nobody is here to be asked: $1 Use --yes to say so beforehand."
  local answer
  read -r -p "$1 [y/N] " answer
  case $answer in y | Y | yes) ;; *) die "Nothing was changed." ;; esac
}

# kubectl is there and new enough, and a cluster answers; which one is shown.
reach_cluster() {
  command -v kubectl >/dev/null || die "kubectl is not there: see https://kubernetes.io/docs/tasks/tools/."
  local version
  version=$(kubectl version --client 2>/dev/null | sed -n 's/^Kustomize Version: v\([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 5 ] || die "kubectl is too old: one with kustomize 5, as of Kubernetes 1.27, is needed."
  [ -n "$context" ] || context=$(kubectl config current-context 2>/dev/null) || die "kubectl knows no cluster: choose one with --context (kubectl config get-contexts lists them)."
  k get --raw /readyz --request-timeout=10s >/dev/null || die "The cluster of the context $context does not answer: is it running, and are its credentials valid?"
  say "Cluster: context $context, namespace $namespace"
}

# The folder of an overlay, by its name.
overlay_folder() {
  [ -f "$here/overlays/$1/kustomization.yaml" ] || die "There is no overlay $1: $(cd "$here/overlays" && printf '%s ' */ | tr -d /)are there."
  printf '%s' "$here/overlays/$1"
}

# Of a stream of objects, the one of a kind and name.
objects_of() { filter_objects "$1" "$2" 1; }

# Of a stream of objects, those that are of none of the kinds, a list with | between.
without() { filter_objects "$1" '.*' 0; }

filter_objects() {
  awk -v kinds="^kind: ($1)$" -v names="^  name: ($2)$" -v wanted="$3" '
    function flush() { if (text != "" && (is_kind && is_name) == wanted) printf "---\n%s", text; text = ""; is_kind = is_name = 0 }
    $0 == "---" { flush(); next }
    { text = text $0 "\n" }
    $0 ~ kinds { is_kind = 1 }
    $0 ~ names { is_name = 1 }
    END { flush() }'
}

# A short mark of what comes in.
checksum() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-16
}
