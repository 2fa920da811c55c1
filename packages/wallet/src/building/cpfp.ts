import { EMPTY_BYTES, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { dustThreshold } from "@bitfleet/protocol/policy/dust.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import { STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import { TRUC_CHILD_VIRTUAL_SIZE_MAX, TRUC_VERSION } from "@bitfleet/protocol/policy/truc.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "../selection/coin.ts";
import { coinsFor } from "../selection/coin-filter.ts";
import { FEE_EXCEEDS_MAXIMUM } from "./assemble-transaction.ts";
import { type BuildError, type BuiltTransaction, isError } from "./build-request.ts";
import { VERSION_DEFAULT } from "./build-transaction.ts";
import { type ChangeScript, changeScriptFor } from "./change-script.ts";
import { type FeeRequest, type Feerate, feerateFor, satPerVbText } from "./fee-policy.ts";
import { discourageFeeSniping, SEQUENCE_NOT_FINAL, SEQUENCE_REPLACEABLE } from "./fee-sniping.ts";
import type { SpendingWallet } from "./spending-wallet.ts";
import { maxSignedSize, type TransactionSize } from "./transaction-size.ts";

/** A child that is to pull an unconfirmed transaction, which pays the wallet, into a block (child pays for parent). */
export interface CpfpRequest extends FeeRequest {
  readonly parent: Txid;
}

/** The child, which waits to be signed. */
export type CpfpTransaction = Pick<BuiltTransaction, "coins" | "feerate" | "fee" | "fields" | "size">;

/**
 * Builds a child that spends outputs of the parent which are the wallet's, as few as suffice, back to the wallet. It pays so much that
 * it, the parent and whatever else miners would have to take with them come to the feerate together; what is taken at that feerate
 * anyway costs nothing. Refused where nothing lacks: the child would be a payment for nothing.
 */
export function buildCpfp(request: CpfpRequest, wallet: SpendingWallet): CpfpTransaction | BuildError {
  const feerate = feerateFor(request, wallet.settings, wallet.node);
  if (isError(feerate)) return feerate;
  const coins = coinsOfParent(request.parent, wallet);
  if (isError(coins)) return coins;
  const lack = wallet.combinedBumpFee([coins[0]!.outPoint], feerate.feerateSatPerKvb);
  if (lack === undefined) return { error: TOO_MANY };
  if (lack <= 0n) return { error: nothingLacks(feerate) };

  const change = changeScriptFor({ recipients: [] }, wallet);
  const built = change.error === undefined ? childOf(coins, lack, feerate, change, wallet) : { error: change.error };
  if (isError(built)) {
    change.release();
    return built;
  }
  change.keep();
  const isReplaceable = request.replaceable ?? wallet.settings.signalsReplacement;
  const inputs = built.coins.map(({ outPoint: previousOutput }) => {
    const sequence = isReplaceable ? SEQUENCE_REPLACEABLE : SEQUENCE_NOT_FINAL;
    return { previousOutput, scriptSig: EMPTY_BYTES, sequence, witness: [] };
  });
  const outputs = [{ value: built.value, scriptPubKey: change.scriptPubKey }];
  const fields = { version: versionFor(coins[0]!), inputs, outputs, lockTime: 0 };
  const { fee, size } = built;
  return { fields: discourageFeeSniping(fields, wallet.tip, wallet.random), fee, feerate, coins: built.coins, size };
}

const TOO_MANY = "Too many unconfirmed transactions hang together with it: what they lack to the feerate is not known.";
const NOTHING_TO_SPEND =
  "The transaction has no unspent output of the wallet that a child could spend; for a payment of the wallet itself there is a replacement with a higher fee.";
const NO_CHILD =
  "The transaction has version 3 (BIP431), and has a child already or is one itself: no child of the wallet would be taken.";

function nothingLacks({ feerateSatPerKvb }: Feerate): string {
  return `Miners who take ${satPerVbText(feerateSatPerKvb)} take the transaction as it is: a child would pay for nothing.`;
}

/** BIP431: unconfirmed transactions of version 3 go with their kind alone. */
const versionFor = (coin: Coin) => (coin.version === TRUC_VERSION ? TRUC_VERSION : VERSION_DEFAULT);

/** The wallet's unspent outputs of the parent, which it can spend, the most valuable first; never none. */
function coinsOfParent(parent: Txid, wallet: SpendingWallet): readonly Coin[] | BuildError {
  const own = wallet
    .spendableCoins()
    .filter(({ outPoint, inputWeight }) => inputWeight !== undefined && equalBytes(outPoint.txid, parent));
  const [first] = own;
  if (first === undefined) return { error: NOTHING_TO_SPEND };
  const coins = coinsFor(own, { includesUnsafe: true }, versionFor(first));
  if (coins.length === 0) return { error: NO_CHILD };
  return coins.toSorted((a, b) => (a.output.value < b.output.value ? 1 : -1));
}

interface Child {
  readonly coins: readonly Coin[];
  readonly fee: Sats;
  readonly size: TransactionSize;
  /** What comes back to the wallet. */
  readonly value: Sats;
}

function childOf(
  candidates: readonly Coin[],
  lack: Sats,
  { feerateSatPerKvb }: Feerate,
  { scriptPubKey }: ChangeScript,
  { settings, node }: SpendingWallet,
): Child | BuildError {
  const version = versionFor(candidates[0]!);
  const weightMax = version === TRUC_VERSION ? TRUC_CHILD_VIRTUAL_SIZE_MAX * WITNESS_SCALE_FACTOR : STANDARD_WEIGHT_MAX;
  const coins: Coin[] = [];
  let worth = 0n;
  let fee = 0n;
  for (const coin of candidates) {
    const size = maxSignedSize([...coins, coin], [{ value: 0n, scriptPubKey }])!;
    if (size.weight > weightMax) break;
    coins.push(coin);
    worth += coin.output.value;
    fee = lack + feeFor(feerateSatPerKvb, size.virtualSize);
    const output = { value: worth - fee, scriptPubKey };
    if (output.value < dustThreshold(output, node.dustFeerateSatPerKvb)) continue;
    return fee > settings.feeMax ? { error: FEE_EXCEEDS_MAXIMUM } : { coins, fee, size, value: output.value };
  }
  return {
    error: `The child would have to pay ${fee} satoshis, and what the wallet can spend of the transaction is worth ${worth}: choose a lower feerate.`,
  };
}
