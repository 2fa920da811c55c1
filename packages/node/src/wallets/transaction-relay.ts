import { rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { outPointKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../chain/chain.ts";
import type { Mempool } from "../mempool/mempool.ts";

/** Tells peers of transactions. */
export interface Announcer {
  /** Until one of them has asked for it. */
  broadcast(tx: Transaction): void;
  /** Once more, though it is known. */
  announce(tx: Transaction): void;
}

export interface RelayDependencies {
  readonly chain: Pick<Chain, "coins">;
  readonly mempool: Pick<Mempool, "accept" | "get">;
  /** Absent in a node without peers. */
  readonly announcer: Announcer | undefined;
}

export interface RelayOptions {
  /** More is not paid; 0 for no limit. */
  readonly feeMaxSats: Sats;
  /** Peers are told. */
  readonly tellsPeers: boolean;
}

/** Core's words for a fee above the limit. */
const FEE_EXCEEDED = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";
const ALREADY_CONFIRMED = "Transaction outputs already in utxo set";

/** Brings transactions of wallets into the mempool and to peers. */
export class TransactionRelay {
  readonly #deps: RelayDependencies;

  constructor(deps: RelayDependencies) {
    this.#deps = deps;
  }

  /** Why a transaction is not taken, in Core's words; `undefined` where it is in the mempool, if it was there before. */
  async submit(tx: Transaction, { feeMaxSats, tellsPeers }: RelayOptions): Promise<string | undefined> {
    const { mempool, announcer } = this.#deps;
    if (await this.#isConfirmed(tx)) return ALREADY_CONFIRMED;
    const known = mempool.get(tx.txid);
    if (known !== undefined) {
      if (tellsPeers) announcer?.announce(known.tx);
      return undefined;
    }
    if (feeMaxSats > 0n) {
      const test = await mempool.accept(tx, { testOnly: true });
      if (test.kind === "rejected") return rejectText(test.reject);
      if (test.entry.fee > feeMaxSats) return FEE_EXCEEDED;
    }
    const result = await mempool.accept(tx);
    if (result.kind === "rejected") return rejectText(result.reject);
    if (tellsPeers) announcer?.broadcast(result.entry.tx);
    return undefined;
  }

  /** Whether an output of the transaction is in the chain, unspent. */
  async #isConfirmed({ txid, outputs }: Transaction): Promise<boolean> {
    const outPoints = outputs.map((_, index) => ({ txid, index }));
    const lookup = await this.#deps.chain.coins.fetch(outPoints);
    return outPoints.some((outPoint) => lookup(outPointKey(outPoint)) !== undefined);
  }
}
