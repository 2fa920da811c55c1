#!/usr/bin/env bash
# Applies an overlay to a cluster: looks first whether all is there that it needs, keeps the numbers of pods that the autoscalers have chosen, replaces
# the pods whose configuration has changed, and waits until all are ready.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

overlay=local
make_secrets=no
dry_run=no
timeout=900s

usage() {
  cat <<'TEXT'
Usage: deploy.sh [OVERLAY] [--make-secrets] [--timeout 900s] [--dry-run] [--context NAME] [--yes]

  OVERLAY          local (the default), staging, production, or one of yours in overlays/
  --make-secrets   run secrets.sh where the Secret is missing; the overlay local does so by itself
  --timeout TIME   for each workload to be ready
  --dry-run        ask the cluster whether it would take everything, and change nothing
  --context NAME   of kubectl
  --yes            do not ask
TEXT
}

while [ $# -gt 0 ]; do
  case $1 in
    --make-secrets) make_secrets=yes ;;
    --timeout) timeout=${2:?--timeout needs a time} && shift ;;
    --dry-run) dry_run=yes ;;
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
rendered=$(kubectl kustomize "$folder")

# What is to be set before the first use.
if unset=$(grep -n 'example\.com' <<<"$rendered"); then
  die "The overlay $overlay still has example.com in it; set what is yours in overlays/$overlay/kustomization.yaml:
$unset"
fi

# A type that an operator brings along.
if grep -q '^kind: ServiceMonitor$' <<<"$rendered" && ! k -n "$namespace" get servicemonitors.monitoring.coreos.com >/dev/null 2>&1; then
  die "The cluster knows no ServiceMonitor: install the Prometheus operator, or take the component monitoring out of the overlay."
fi

# Claims without a class get the cluster's default one.
if ! k get storageclass -o jsonpath='{range .items[*]}{.metadata.annotations.storageclass\.kubernetes\.io/is-default-class}{"\n"}{end}' 2>/dev/null | grep -q true; then
  if ! grep -q 'storageClassName:' <<<"$rendered"; then
    die "The cluster has no default StorageClass: mark one (kubectl get storageclass), or add the component storage-class to the overlay."
  fi
  warn "The cluster has no default StorageClass: claims that name none will wait."
fi

k get --raw /apis/metrics.k8s.io/v1beta1 >/dev/null 2>&1 ||
  warn "There is no metrics-server: the autoscalers cannot count, and the numbers of pods stay as they are (https://github.com/kubernetes-sigs/metrics-server; minikube addons enable metrics-server)."

confirm "Apply the overlay $overlay there?"

# The Secret is no part of the overlay.
if ! k -n "$namespace" get secret blockchain-secrets >/dev/null 2>&1; then
  if [ "$make_secrets" = yes ] || [ "$overlay" = local ]; then
    [ "$dry_run" = yes ] || "$here/secrets.sh" --context "$context" --yes
  else
    die "The Secret blockchain-secrets is missing. Make it with secrets.sh, or from your manager of secrets (README.md, Secrets), or come again with --make-secrets."
  fi
fi
[ "$dry_run" = yes ] || sed -n 's/^  \([A-Z_]*\): .*/\1/p' "$here/base/secret.example.yaml" | while read -r key; do
  [ -n "$(k -n "$namespace" get secret blockchain-secrets -o "jsonpath={.data.$key}")" ] ||
    die "The Secret blockchain-secrets has no $key: base/secret.example.yaml says what it is for."
done

# On top of the overlay: the numbers of pods as they are, and of what each workload reads a mark that changes with it.
layer=$(mktemp -d "$here/overlays/.deploy-XXXXXX")
trap 'rm -rf "$layer"' EXIT

# The objects of the named ConfigMaps, and which edition of the Secret there is.
mark() {
  local name text=""
  for name in "$@"; do
    text+=$(objects_of "ConfigMap" "$name" <<<"$rendered")
  done
  text+=$(k -n "$namespace" get secret blockchain-secrets -o 'jsonpath={.metadata.resourceVersion}' 2>/dev/null || true)
  printf '%s' "$text" | checksum
}

mark_patch() {
  cat <<PATCH
  - patch: |
      apiVersion: apps/v1
      kind: $1
      metadata: { name: $2 }
      spec: { template: { metadata: { annotations: { bitfleet/config: "$3" } } } }
PATCH
}

current_replicas() {
  # Without an autoscaler the overlay's number counts.
  k -n "$namespace" get hpa "$2" >/dev/null 2>&1 || return 0
  k -n "$namespace" get "$1" -o 'jsonpath={.spec.replicas}' 2>/dev/null || true
}

{
  cat <<LAYER
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../$overlay
patches:
LAYER
  mark_patch StatefulSet miner "$(mark blockchain-config)"
  mark_patch StatefulSet wallet "$(mark blockchain-config)"
  mark_patch Deployment webserver "$(mark blockchain-config rate-limit-settings)"
  mark_patch Deployment redis "$(mark redis-config)"
  miners=$(current_replicas statefulset/miner miner-hpa)
  webservers=$(current_replicas deployment/webserver webserver-hpa)
  case " $miners $webservers " in *" 0 "*) warn "Miners or web servers have been scaled to 0, and stay so: kubectl -n $namespace scale statefulset/miner deployment/webserver --replicas=3 starts them." ;; esac
  if [ -n "$miners$webservers" ]; then
    say "replicas:"
    [ -z "$miners" ] || say "  - { name: miner, count: $miners }"
    [ -z "$webservers" ] || say "  - { name: webserver, count: $webservers }"
  fi
} >"$layer/kustomization.yaml"

if [ "$dry_run" = yes ]; then
  asked=server
  if ! k get namespace "$namespace" >/dev/null 2>&1; then
    # The cluster refuses objects of a namespace that there is not.
    asked=client
    warn "The namespace $namespace is not there yet: only the form of the objects is looked at, and nothing is asked of the cluster."
  fi
  k apply -k "$layer" "--dry-run=$asked"
  say "Nothing was changed."
  exit
fi
k apply -k "$layer"

# In the order in which they need one another.
for workload in deployment/redis statefulset/miner statefulset/wallet deployment/webserver; do
  say "Waiting for $workload …"
  k -n "$namespace" rollout status "$workload" --timeout "$timeout" || {
    k -n "$namespace" get pods
    die "$workload is not ready: kubectl -n $namespace describe pod and logs of a pod that is not Running and ready say why; README.md, Troubleshooting, has what helps."
  }
done
k -n "$namespace" get pods

say ""
say "The network is up."
case $(k -n "$namespace" get service webserver-service -o 'jsonpath={.spec.type}') in
  NodePort)
    port=$(k -n "$namespace" get service webserver-service -o 'jsonpath={.spec.ports[0].nodePort}')
    say "Page and API: port $port of every machine of the cluster. kind with the ports of kind.yaml: http://localhost:$port; minikube: minikube service -n $namespace webserver-service --url"
    ;;
  LoadBalancer)
    say "Page and API: http://ADDRESS:8080, with the address that this shows: kubectl -n $namespace get service webserver-service"
    ;;
  *)
    host=$(k -n "$namespace" get ingress webserver -o 'jsonpath={.spec.rules[0].host}' 2>/dev/null || true)
    [ -z "$host" ] || say "Page and API: https://$host"
    ;;
esac
say "From here, whatever the overlay: kubectl -n $namespace port-forward service/webserver-service 8080:8080, then http://localhost:8080"
say "Admin key: kubectl -n $namespace get secret blockchain-secrets -o jsonpath='{.data.BITCOIN_API_ADMIN_KEY}' | base64 -d"
