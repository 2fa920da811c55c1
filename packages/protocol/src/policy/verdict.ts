import type { Reject, TransactionRejectKind } from "../consensus/verdict.ts";

/** What it means that a transaction is not taken into a mempool. */
export type PolicyRejectKind =
  | TransactionRejectKind
  /** Breaks a rule of taste by itself: size, scripts, dust. */
  | "not-standard"
  /** The outputs it spends are of no standard kind: no other witness helps. */
  | "inputs-not-standard"
  /** Its witness, which its txid does not commit to, may have been tampered with. */
  | "witness-mutated"
  /** It spends witness programs and has no witness: another form of it may be valid. */
  | "witness-stripped"
  /** It, or another form of it, is here already, or it is in the chain. */
  | "conflict"
  /** It does not fit what is in the mempool now. */
  | "policy"
  /** It pays too little; with a child that pays for both it may be taken. */
  | "reconsiderable"
  /** Member of a package that was in the mempool before. */
  | "already-known";

export type PolicyReject = Reject<PolicyRejectKind>;

/** A reject of policy: `reason` in Core's words, `detail` for people. */
export function policyReject(kind: PolicyRejectKind, reason: string, detail = ""): PolicyReject {
  return { kind, reason, detail };
}
