/**
 * Why a block, header or transaction is refused. Rules return a reject or nothing; they throw only where we have a bug.
 * `reason` is Bitcoin Core's short string (`bad-txns-vin-empty`), which clients, logs and vectors match on; `detail` adds
 * what a person wants to know and may change.
 */
export interface Reject<Kind extends string> {
  readonly kind: Kind;
  readonly reason: string;
  readonly detail: string;
}

/** What a refused block means for the block's future and for the peer that sent it. */
export type BlockRejectKind =
  /** A consensus rule is broken: this block can never be valid. */
  | "consensus"
  /** The header breaks a rule (proof of work, time too old, version). */
  | "invalid-header"
  /** The data is not what the header commits to: other data for this header may be valid. */
  | "mutated"
  /** Already known to be invalid. */
  | "cached-invalid"
  /** Builds on a block known to be invalid. */
  | "invalid-previous"
  /** The operator has taken the chain back from it, or from one before it: nobody's fault, and no rule is broken. */
  | "set-aside"
  /** The previous header is not known. */
  | "missing-previous"
  /** Too far in the future: may be valid later. */
  | "time-future"
  /** The header chain has less work than we ask for. */
  | "header-low-work";

export type BlockReject = Reject<BlockRejectKind>;

/** What a refused transaction means. Policy adds its own kinds in `policy/`. */
export type TransactionRejectKind =
  | "consensus"
  /** Spends an output that does not exist or is spent. */
  | "missing-inputs"
  /** Valid some day, not in the next block (maturity, lock time, sequence locks). */
  | "premature-spend";

export type TransactionReject = Reject<TransactionRejectKind>;

export function blockReject(kind: BlockRejectKind, reason: string, detail = ""): BlockReject {
  return { kind, reason, detail };
}

export function transactionReject(kind: TransactionRejectKind, reason: string, detail = ""): TransactionReject {
  return { kind, reason, detail };
}

/** Reason and detail in one line, as Core prints them: `bad-cb-amount, coinbase pays too much (…)`. */
export function rejectText(reject: Reject<string>): string {
  return reject.detail === "" ? reject.reason : `${reject.reason}, ${reject.detail}`;
}

/** Tells a reject from whatever else a rule may answer. */
export function isReject<Answer extends object>(answer: Answer): answer is Extract<Answer, Reject<string>> {
  return "kind" in answer && "reason" in answer && "detail" in answer;
}
