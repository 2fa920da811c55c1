import type { AccountSummary, WalletSummary } from "../../session/records.ts";

/** A dialog that is open, and what of. */
export type Opened =
  | {
      readonly kind: "rename-wallet" | "reveal" | "add-account" | "search" | "own-key" | "cosigners";
      readonly wallet: WalletSummary;
    }
  | { readonly kind: "rename-account"; readonly wallet: WalletSummary; readonly account: AccountSummary }
  | { readonly kind: "keys"; readonly name: string };
