import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { COIN } from "@bitfleet/protocol/consensus/amount.ts";
import { rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import { feeFor, feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import { isChildWithParents, PACKAGE_COUNT_MAX } from "@bitfleet/protocol/policy/packages.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, hashKey, outPointKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { hasValidOpcodes, isUnspendable } from "@bitfleet/protocol/script/script.ts";
import type { Accepted, AcceptResult } from "../../mempool/accept-result.ts";
import { hexOf } from "../hex.ts";
import { createTransaction } from "./create-transaction.ts";
import { decodeTransactionText } from "./decode-transaction.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Satoshis a thousand vbytes: a slip of the pen, not a fee, lies above. */
const FEERATE_MAX_DEFAULT: Sats = COIN / 10n;

/** Calls that make transactions and bring them into the mempool. */
export function rawTransactionHandlers(deps: Pick<RpcDependencies, "chain" | "mempool" | "p2p">) {
  const { chain, mempool, p2p } = deps;

  /** Whether an output of the transaction is in the chain, unspent. */
  const isConfirmed = async ({ txid, outputs }: Transaction): Promise<boolean> => {
    const outPoints = outputs.map((_, index) => ({ txid, index }));
    const lookup = await chain.coins.fetch(outPoints);
    return outPoints.some((outPoint) => lookup(outPointKey(outPoint)) !== undefined);
  };

  /** Puts a transaction into the mempool, or throws why not. One that is there, if with another witness, is announced again. */
  const submit = async (tx: Transaction, feeMax: Sats): Promise<void> => {
    if (await isConfirmed(tx)) throw alreadyConfirmed();
    const known = mempool.get(tx.txid);
    if (known !== undefined) {
      p2p?.network.announcements.announce(known.tx);
      return;
    }
    if (feeMax > 0n) {
      const test = await mempool.accept(tx, { testOnly: true });
      if (test.kind === "rejected") throw rejection(test);
      if (test.entry.fee > feeMax) throw new RpcError(RpcErrorCode.VERIFY_ERROR, FEE_EXCEEDED);
    }
    const result = await mempool.accept(tx);
    if (result.kind === "rejected") throw rejection(result);
    p2p?.network.announcements.broadcast(result.entry.tx);
  };

  return {
    sendrawtransaction: async ({ hexstring, maxfeerate, maxburnamount }) => {
      const tx = decodeTransactionText(hexstring, "either");
      if (tx === undefined) {
        const message = "TX decode failed. Make sure the tx has at least one input.";
        throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);
      }
      requireNoBurn(tx, maxburnamount);
      await submit(tx, feeFor(feerateMaxOf(maxfeerate), tx.virtualSize));
      return displayHash(tx.txid);
    },

    testmempoolaccept: async ({ rawtxs, maxfeerate }) => {
      requirePackageCount(rawtxs);
      const feerateMax = feerateMaxOf(maxfeerate);
      const transactions = rawtxs.map(decodeMember);
      const [first] = transactions;
      const { results, packageReject } =
        transactions.length === 1
          ? { results: [await mempool.accept(first!, { testOnly: true })], packageReject: undefined }
          : await mempool.testPackage(transactions);
      let isOver = false;
      return transactions.map((tx, index) => {
        const head = {
          txid: displayHash(tx.txid),
          wtxid: displayHash(tx.wtxid),
          "package-error": packageReject && rejectText(packageReject),
        };
        const result = isOver ? undefined : results[index];
        if (result === undefined) return head;
        if (result.kind === "rejected") return { ...head, ...refusalJson(result) };
        const feeMax = feeFor(feerateMax, result.entry.virtualSize);
        isOver = feeMax > 0n && result.entry.fee > feeMax;
        if (isOver) return { ...head, allowed: false, "reject-reason": "max-fee-exceeded" };
        return { ...head, allowed: true, vsize: result.entry.virtualSize, fees: feesJson(result) };
      });
    },

    submitpackage: async ({ package: rawtxs, maxfeerate, maxburnamount }) => {
      requirePackageCount(rawtxs);
      const feerateMax = feerateMaxOf(maxfeerate);
      const transactions = rawtxs.map(decodeMember);
      for (const tx of transactions) requireNoBurn(tx, maxburnamount);
      requireTree(transactions);
      const options = feerateMax > 0n ? { feerateMax } : {};
      const { results, packageReject } = await mempool.acceptPackage(transactions, options);
      for (const tx of transactions) {
        const entry = mempool.get(tx.txid);
        if (entry !== undefined) p2p?.network.announcements.announce(entry.tx);
      }
      const replaced = results.flatMap((result) => (result.kind === "accepted" ? result.replaced : []));
      return {
        package_msg: packageReject ? rejectText(packageReject) : "success",
        "tx-results": Object.fromEntries(
          transactions.map((tx, index) => [displayHash(tx.wtxid), memberJson(tx, results[index], mempool)]),
        ),
        "replaced-transactions": replaced
          .map(({ txid }) => txid)
          .sort(compareBytes)
          .map(displayHash),
      };
    },

    createrawtransaction: ({ inputs, outputs, locktime, replaceable, version }) => {
      const fields = { inputs, outputs: outputs ?? null, lockTime: locktime, replaceable, version };
      return hexOf(createTransaction(fields, chain.network.addressPrefixes).bytes);
    },
  } satisfies Partial<RpcHandlers>;
}

const FEE_EXCEEDED = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";
const alreadyConfirmed = () =>
  new RpcError(RpcErrorCode.VERIFY_ALREADY_IN_UTXO_SET, "Transaction outputs already in utxo set");

function rejection({ reject }: Extract<AcceptResult, { readonly kind: "rejected" }>): RpcError {
  const code = reject.kind === "missing-inputs" ? RpcErrorCode.VERIFY_ERROR : RpcErrorCode.VERIFY_REJECTED;
  return new RpcError(code, rejectText(reject));
}

function feerateMaxOf(given: Sats | undefined): Sats {
  const feerate = given ?? FEERATE_MAX_DEFAULT;
  if (feerate < COIN) return feerate;
  const message = "Fee rates larger than or equal to 1BTC/kvB are not accepted";
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
}

/** Coins sent where nobody can spend them are lost for good: only as many as the caller says. */
function requireNoBurn(tx: Transaction, burnMax: Sats = 0n): void {
  const burns = tx.outputs.some(
    ({ value, scriptPubKey }) => value > burnMax && (isUnspendable(scriptPubKey) || !hasValidOpcodes(scriptPubKey)),
  );
  if (!burns) return;
  const message = "Unspendable output exceeds maximum configured by user (maxburnamount)";
  throw new RpcError(RpcErrorCode.VERIFY_ERROR, message);
}

function requirePackageCount(rawtxs: readonly string[]): void {
  if (rawtxs.length >= 1 && rawtxs.length <= PACKAGE_COUNT_MAX) return;
  const message = `Array must contain between 1 and ${PACKAGE_COUNT_MAX} transactions.`;
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
}

function decodeMember(hex: string): Transaction {
  const tx = decodeTransactionText(hex, "either");
  if (tx !== undefined) return tx;
  const message = `TX decode failed: ${hex} Make sure the tx has at least one input.`;
  throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);
}

/** A child with parents of which none spends another. */
function requireTree(transactions: readonly Transaction[]): void {
  if (transactions.length === 1) return;
  const parents = transactions.slice(0, -1);
  const keys = new Set(parents.map(({ txid }) => hashKey(txid)));
  const areApart = parents.every(({ inputs }) =>
    inputs.every(({ previousOutput: { txid } }) => !keys.has(hashKey(txid))),
  );
  if (isChildWithParents(transactions) && areApart) return;
  const message = "package topology disallowed. not child-with-parents or parents depend on each other.";
  throw new RpcError(RpcErrorCode.VERIFY_ERROR, message);
}

function refusalJson({ reject }: Extract<AcceptResult, { readonly kind: "rejected" }>): Record<string, RpcValue> {
  if (reject.kind === "missing-inputs") return { allowed: false, "reject-reason": "missing-inputs" };
  return { allowed: false, "reject-reason": reject.reason, "reject-details": rejectText(reject) };
}

function feesJson({ entry, effective }: Accepted): RpcValue {
  return {
    base: amountNumber(entry.fee),
    "effective-feerate": amountNumber(feerateSatPerKvb(effective.fee, effective.virtualSize)),
    "effective-includes": effective.wtxids.map(displayHash),
  };
}

function memberJson(tx: Transaction, result: AcceptResult | undefined, mempool: RpcDependencies["mempool"]): RpcValue {
  const txid = displayHash(tx.txid);
  if (result === undefined) return { txid, error: "package-not-validated" };
  if (result.kind === "accepted") return { txid, vsize: result.entry.virtualSize, fees: feesJson(result) };
  const { reject } = result;
  const entry = reject.kind === "already-known" ? mempool.get(tx.txid) : undefined;
  if (entry === undefined) return { txid, error: rejectText(reject) };
  if (!mempool.hasWtxid(tx.wtxid)) return { txid, "other-wtxid": displayHash(entry.tx.wtxid) };
  return { txid, vsize: entry.virtualSize, fees: { base: amountNumber(entry.fee) } };
}
