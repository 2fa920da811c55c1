import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findKubectl, KUBERNETES, kustomize, kustomizeWith } from "./kubectl.ts";
import { type KubeObject, parseObjects } from "./objects.ts";

export const OVERLAYS = ["local", "staging", "production"] as const;
/** Components, each of which is also tried alone on the base, and the objects that stand in files beside them to be applied by hand. */
export const COMPONENTS = [
  "backup",
  "gitops",
  "ingress-tls",
  "monitoring",
  "nodeport",
  "public-peers",
  "redis-persistence",
  "requests-per-second",
  "storage-class",
] as const;

export const kubectl = findKubectl();
/** Without kubectl there is nothing to look at; CI gets itself one (.ci/get-deploy-tools). */
export const SKIPPED = kubectl === undefined;
if (SKIPPED) {
  console.warn(
    "SKIPPED: the Kubernetes manifests are checked where kubectl with kustomize 5 is; .ci/get-deploy-tools unpacks one.",
  );
}

export interface Shipped {
  readonly name: string;
  readonly objects: KubeObject[];
}

let rendered: Promise<readonly Shipped[]> | undefined;

/** Every overlay, and the base with each component: made once, and changed by nobody. */
export function renderAll(): Promise<readonly Shipped[]> {
  rendered ??= render(kubectl as string);
  return rendered;
}

function render(command: string): Promise<readonly Shipped[]> {
  return Promise.all([
    ...OVERLAYS.map(async (name) => ({ name, objects: parseObjects(await kustomize(command, `overlays/${name}`)) })),
    ...COMPONENTS.map(async (name) => ({
      name: `base with ${name}`,
      objects: parseObjects(await kustomizeWith(command, [name])),
    })),
  ]);
}

/** The objects of a file of deploy/kubernetes. */
export const readObjects = (path: string) => parseObjects(readFileSync(join(KUBERNETES, path), "utf8"));

/** The Secret of the example: its keys are the ones that every Secret has. */
export const exampleSecrets = () => readObjects("base/secret.example.yaml");

/** A Secret as secrets.sh makes one. */
export function realSecrets(): KubeObject[] {
  const [secret] = exampleSecrets();
  const values = {
    BITCOIN_API_ADMIN_KEY: "0f1c6a5e9b3d7284a1c0e5f60718293a4b5c6d7e8f901234",
    BITCOIN_API_WALLET_KEY: "9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a65",
    MINER_ADDRESS: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    TREASURY_MNEMONIC: "legal winner thank year wave sausage worth useful legal winner thank yellow",
    REDIS_PASSWORD: "5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f",
  };
  return [{ ...(secret as KubeObject), stringData: values } as KubeObject];
}
