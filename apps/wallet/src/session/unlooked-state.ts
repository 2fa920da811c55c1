import { VaultError } from "@bitfleet/vault/vault.ts";
import type { SessionState, UnusableReason } from "./session.ts";

const REASONS: readonly string[] = [
  "unsupported",
  "unreachable",
  "in-use",
  "too-new",
] satisfies readonly UnusableReason[];

/** What is shown where the vault could not be looked at. What is wrong with the place, the program or the moment is no damage: who is told of damage removes what is there. */
export function unlookedState(error: unknown): SessionState {
  const code = error instanceof VaultError ? error.code : "other";
  const problem = sentenceOf(error);
  if (code === "damaged") return { kind: "damaged", problem };
  return { kind: "unusable", reason: REASONS.includes(code) ? (code as UnusableReason) : "other", problem };
}

/** What an error says. */
export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
