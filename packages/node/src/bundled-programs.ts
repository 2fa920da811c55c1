import { fileURLToPath } from "node:url";
import type { NodePrograms } from "./node.ts";

/** The files beside a bundle in /dist. `url` is the entry's own; one that runs from source has nothing beside it. */
export function bundledPrograms(url: string): NodePrograms {
  if (!url.endsWith(".cjs")) return {};
  return {
    scriptWorkerUrl: new URL("./script-worker.cjs", url),
    hashWorkerUrl: new URL("./hash-worker.cjs", url),
    referenceFolder: fileURLToPath(new URL("./swagger-ui", url)),
    pageFolder: fileURLToPath(new URL("../apps/admin/dist", url)),
    walletFolder: fileURLToPath(new URL("../apps/wallet/dist", url)),
  };
}
