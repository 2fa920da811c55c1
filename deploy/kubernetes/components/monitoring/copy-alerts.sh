#!/usr/bin/env bash
# Writes prometheus-rule.yaml from deploy/prometheus/alerts.yaml: kustomize cannot put a file into a field. A test compares the two.
set -euo pipefail
cd "$(dirname "$0")"
{
  cat <<'HEAD'
# Made by copy-alerts.sh of ../../../prometheus/alerts.yaml: change that one.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: bitfleet
  labels:
    release: kube-prometheus-stack
spec:
HEAD
  sed -n '/^groups:/,$ { s/^\(.\)/  \1/; p; }' ../../../prometheus/alerts.yaml
} >prometheus-rule.yaml
