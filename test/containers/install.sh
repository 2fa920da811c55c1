#!/usr/bin/env bash
# Installs what `npm run test:containers` needs and this machine has not: as root on Debian or Ubuntu. Starts nothing; a package that cannot be had is
# named, and the tests then say what is missing.
set -euo pipefail

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "packages of the container tests are not installed: that takes root and apt-get"
  exit 0
fi
declare -A packages=(
  [dockerd]=docker.io [docker]=docker-cli [containerd]=containerd [runc]=runc [iptables]=iptables
  [debootstrap]=debootstrap [ip]=iproute2 [nsenter]=util-linux
)
missing=()
for program in dockerd containerd runc iptables debootstrap ip nsenter; do
  command -v "$program" >/dev/null || missing+=("${packages[$program]}")
done
# Debian 13 has the client in a package of its own.
command -v docker >/dev/null || ! apt-cache show docker-cli >/dev/null 2>&1 || missing+=(docker-cli)
[ ${#missing[@]} -gt 0 ] || exit 0

export DEBIAN_FRONTEND=noninteractive
# An engine of the tests' own is started by them; the machine's needs not run.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
  trap 'rm -f $policy' EXIT
fi
apt-get update -qq || true
for package in "${missing[@]}"; do
  apt-get install -y -qq --no-install-recommends "$package" >/dev/null || echo "$package cannot be installed; going on without it"
done
