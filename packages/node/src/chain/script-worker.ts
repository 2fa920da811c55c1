import { parentPort, workerData } from "node:worker_threads";
import { chooseSecp256k1 } from "../crypto/choose-backend.ts";
import { installHostSha256 } from "../crypto/host-hash.ts";
import type { ScriptFailure } from "../ports.ts";
import { decodeBatch, verifyParts } from "./script-batch.ts";

/** What the pool gives a worker when it starts it. */
export interface ScriptWorkerData {
  readonly secp256k1: "auto" | "native" | "portable";
}

/** A batch to check ({@link decodeBatch}); answered in the order in which they come. Without a batch: there will be no more. */
export interface ScriptWorkerRequest {
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

export interface ScriptWorkerReply {
  readonly failure: ScriptFailure | undefined;
}

// The entry of a worker thread: it checks what it is sent, and holds nothing between two batches.
installHostSha256();
const { backend } = chooseSecp256k1((workerData as ScriptWorkerData).secp256k1);
parentPort!.on("message", ({ bytes }: ScriptWorkerRequest) => {
  // Nothing else keeps the thread.
  if (bytes === undefined) return parentPort!.close();
  const { parts, flags } = decodeBatch(bytes);
  const reply: ScriptWorkerReply = { failure: verifyParts(parts, flags, backend) };
  parentPort!.postMessage(reply);
});
