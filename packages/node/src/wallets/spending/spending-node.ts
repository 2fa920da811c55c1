import type { OutPoint, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { type OutPointKey, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../../chain/chain.ts";
import type { FeerateAdviser } from "../../mempool/fee-advice.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { Clock, Random } from "../../ports.ts";
import type { PaymentPolicy } from "../node-wallets.ts";

/** What spending from a wallet asks of its node. */
export interface SpendingNode {
  readonly chain: Pick<Chain, "coins" | "isInitialBlockDownload" | "tip">;
  readonly mempool: Pick<Mempool, "clusterOf" | "get" | "options" | "rollingFeerateSatPerKvb" | "spender">;
  readonly fees: Pick<FeerateAdviser, "estimator">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly policy: PaymentPolicy;
  readonly random: Random;
}

/** Outputs by the names of their outpoints. */
export type KnownOutputs = Map<OutPointKey, TxOutput>;

/** Those of the outputs that the mempool made, or that are unspent in the chain. */
export async function findOutputs(
  outPoints: Iterable<OutPoint>,
  { chain, mempool }: Pick<SpendingNode, "chain" | "mempool">,
): Promise<KnownOutputs> {
  const found: KnownOutputs = new Map();
  for (const outPoint of outPoints) {
    const output = mempool.get(outPoint.txid)?.tx.outputs[outPoint.index] ?? (await chain.coins.get(outPoint))?.output;
    if (output !== undefined) found.set(outPointKey(outPoint), output);
  }
  return found;
}
