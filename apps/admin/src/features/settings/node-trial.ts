import { ApiError } from "@bitfleet/api/errors.ts";
import { createApiClient } from "@bitfleet/ui/api-client.ts";

/**
 * What is at an address: a Bitfleet node (which may ask for a key), something else, nothing that this page may read, or something that
 * the page's own policy keeps it from.
 */
export type NodeTrial = "bitfleet" | "other" | "silent" | "blocked";

/** Asks the origin for its chain. */
export async function tryNode(origin: string): Promise<NodeTrial> {
  let isBlocked = false;
  const onViolation = ({ blockedURI }: SecurityPolicyViolationEvent) => {
    if (blockedURI.startsWith(origin)) isBlocked = true;
  };
  document.addEventListener("securitypolicyviolation", onViolation);
  try {
    const { chain, last_block_hash: tip } = await createApiClient(origin).blockchain();
    return typeof chain === "string" && /^[0-9a-f]{64}$/.test(tip) ? "bitfleet" : "other";
  } catch (error) {
    // The event may come behind the refusal.
    await new Promise((resolve) => setTimeout(resolve));
    if (isBlocked) return "blocked";
    if (!(error instanceof ApiError)) return "other";
    if (error.status === 0) return error.kind === "network" || error.kind === "timeout" ? "silent" : "other";
    return error.status === 401 || error.status === 503 ? "bitfleet" : "other";
  } finally {
    document.removeEventListener("securitypolicyviolation", onViolation);
  }
}
