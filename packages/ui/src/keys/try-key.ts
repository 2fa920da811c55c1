import { ApiError } from "@bitfleet/api/errors.ts";
import type { ApiClient } from "../api-client.ts";
import { isKeyRefused } from "./key-errors.ts";

/** Rejects where the node does not take the key for the role, or does not answer; nothing is changed. */
export async function tryKey(api: ApiClient, role: "admin" | "wallet", apiKey: string): Promise<void> {
  try {
    await (role === "admin" ? api.bans : api.wallets)({}, { apiKey });
  } catch (error) {
    // A node without wallets, say, has looked at the key before it said so.
    if (isKeyRefused(error) || !hasRead(error)) throw error;
  }
}

const hasRead = (error: unknown) => error instanceof ApiError && error.status !== 0 && error.status !== 429;
