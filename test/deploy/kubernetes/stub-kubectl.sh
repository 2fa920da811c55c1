#!/usr/bin/env bash
# Stands for kubectl where there is no cluster: renders with the real one (REAL_KUBECTL), notes in STUB_FOLDER what it is told, and answers from a table
# by the words that a call begins with; what is not in the table is not there.
set -euo pipefail
words=()
while [ $# -gt 0 ]; do
  case $1 in
    --context | -n) shift ;;
    *) words+=("$1") ;;
  esac
  shift
done
case ${words[0]} in version | kustomize) exec "$REAL_KUBECTL" "${words[@]}" ;; esac

text="${words[*]}"
printf '%s\n' "$text" >>"$STUB_FOLDER/calls"
case $text in
  "apply -k "*) exec "$REAL_KUBECTL" kustomize "${words[2]}" >"$STUB_FOLDER/applied.yaml" ;;
  "create -f -") exec cat >"$STUB_FOLDER/created.yaml" ;;
  "delete "*" -f -") exec cat >"$STUB_FOLDER/deleted.yaml" ;;
  apply* | create* | delete*) exit ;;
esac

# The longest words that fit.
best="" answer="" isThere=no
while IFS=$'\t' read -r beginning value; do
  if [[ $text == "$beginning"* && ${#beginning} -gt ${#best} ]]; then
    best=$beginning answer=$value isThere=yes
  fi
done <"$STUB_FOLDER/answers"
if [ $isThere = no ]; then
  printf 'NotFound: %s\n' "$text" >&2
  exit 1
fi
printf '%s' "$answer"
