/** What is done to both mempools, as plain data: a list of steps can be written down, made shorter and done again. Transactions are hex. */
export type Step =
  | {
      readonly do: "accept";
      readonly tx: string;
      readonly isOwn?: boolean;
      readonly testOnly?: boolean;
      readonly feerateMax?: number;
      readonly secondsAgo?: number;
    }
  | { readonly do: "package"; readonly txs: readonly string[]; readonly feerateMax?: number }
  | { readonly do: "test-package"; readonly txs: readonly string[] }
  | { readonly do: "prioritise"; readonly id: string; readonly delta: number }
  | { readonly do: "delivered"; readonly id: string }
  | { readonly do: "wait"; readonly seconds: number }
  /** A block of what the mempool says is best. */
  | { readonly do: "template"; readonly maxWeight: number; readonly seconds: number }
  /** A block of those that may be in it. */
  | { readonly do: "mine"; readonly txs: readonly string[]; readonly seconds: number }
  /** Blocks upon the one `depth` below the tip; the last one may break a rule. */
  | {
      readonly do: "branch";
      readonly depth: number;
      readonly blocks: readonly BranchBlock[];
      readonly isBroken?: boolean;
    }
  | { readonly do: "invalidate"; readonly depth: number }
  /** Takes back the last `invalidate` that was not taken back. */
  | { readonly do: "reconsider" }
  /** Saves the mempool, ends it, and loads it anew. */
  | { readonly do: "restart" };

export interface BranchBlock {
  readonly txs: readonly string[];
  readonly seconds: number;
}
