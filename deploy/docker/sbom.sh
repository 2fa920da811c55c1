#!/usr/bin/env bash
# sbom.sh [IMAGE]: what the image is made of, as one CycloneDX document on standard output: packages of npm that are bundled into it, by the lock file of
# this checkout, and Node and the packages of Debian that the image itself has. Needs npm and Docker.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
image=${1:-blockchain-node:$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$root/package.json")}

fail() {
  printf 'Error: %s\n' "$*" >&2
  exit 1
}
for program in docker npm node; do command -v "$program" >/dev/null || fail "$program cannot be found, which sbom.sh needs."; done
docker image inspect "$image" >/dev/null 2>&1 || fail "there is no image $image. Build it first: docker build -f deploy/docker/Dockerfile -t $image ."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$root" && npm sbom --package-lock-only --omit dev --sbom-format cyclonedx) >"$work/npm.json"
# shellcheck disable=SC2016
docker run --rm --network none --entrypoint dpkg-query "$image" -W -f '${Package}\t${Version}\t${Architecture}\n' >"$work/debian.tsv"
docker run --rm --network none --entrypoint node "$image" -p process.versions.node >"$work/node.txt"
docker image inspect -f '{{.Id}}' "$image" >"$work/id.txt"

node - "$work" "$image" <<'PROGRAM'
const { readFileSync } = require("node:fs");
const [, , work, image] = process.argv;
const read = (name) => readFileSync(`${work}/${name}`, "utf8").trim();
const bill = JSON.parse(read("npm.json"));
const debian = read("debian.tsv").split("\n").map((line) => {
  const [name, version, architecture] = line.split("\t");
  const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=bookworm`;
  return { type: "library", "bom-ref": purl, name, version, purl };
});
const node = read("node.txt");
const program = { ...bill.metadata.component, type: "application", name: "bitfleet" };
const parts = [program, { type: "application", "bom-ref": `pkg:generic/node@${node}`, name: "node", version: node, purl: `pkg:generic/node@${node}` }, ...debian];
bill.components.push(...parts);
bill.dependencies.push({ ref: image, dependsOn: parts.map((one) => one["bom-ref"]) });
const [name, version] = image.split(":");
const hashes = [{ alg: "SHA-256", content: read("id.txt").replace("sha256:", "") }];
bill.metadata.component = { type: "container", "bom-ref": image, name, version, hashes };
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
PROGRAM
