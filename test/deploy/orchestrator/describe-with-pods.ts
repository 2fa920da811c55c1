import { describe } from "vitest";
import { findKubectl } from "../kubernetes/kubectl.ts";
import { missingForPods } from "./namespaces.ts";

const missing =
  missingForPods() ??
  (findKubectl() === undefined ? "there is no kubectl with kustomize 5, which .ci/get-deploy-tools gets" : undefined);
if (missing !== undefined) {
  console.warn(
    `\nTHE DEPLOYMENT IS NOT TESTED HERE: ${missing}. On Linux, as root, with iproute2, nftables, kubectl and redis-server it is.\n`,
  );
}

/** A group of tests that run pods; left out, with a loud word, where none can run. */
export const describeWithPods = describe.skipIf(missing !== undefined);
