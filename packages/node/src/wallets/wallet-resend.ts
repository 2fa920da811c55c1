import { isPending, transactionOf, type WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import type { Clock, JobScheduler, Random } from "../ports.ts";
import type { NodeWallet } from "./node-wallet.ts";
import type { TransactionRelay } from "./transaction-relay.ts";
import type { WalletManager } from "./wallet-manager.ts";

export interface ResendDependencies {
  readonly wallets: Pick<WalletManager, "all">;
  readonly relay: TransactionRelay;
  readonly chain: Pick<Chain, "tip" | "isInitialBlockDownload">;
  readonly clock: Clock;
  readonly scheduler: JobScheduler;
  readonly random: Pick<Random, "unit">;
  /** `-maxtxfee` */
  readonly feeMaxSats: bigint;
  /** `-walletbroadcast`: else nothing is brought anywhere. */
  readonly isActive: boolean;
}

const LOOK_INTERVAL_MS = 60_000;
/** A wallet's transactions are told again at a random time within these hours, so that nobody sees whose they are. */
const RESEND_HOURS_MIN = 12;
const RESEND_HOURS_MAX = 36;
const HOUR_MS = 3_600_000;
/** Younger ones than the newest block by less may not have had their chance. */
const YOUNG_SECONDS = 300;

/** Brings transactions of wallets that are in no block back into the mempool, and to peers now and then. */
export class WalletResend {
  readonly #deps: ResendDependencies;
  readonly #nextMs = new WeakMap<NodeWallet, number>();
  readonly #cancel: () => void;

  constructor(deps: ResendDependencies) {
    this.#deps = deps;
    this.#cancel = deps.scheduler.every(LOOK_INTERVAL_MS, () => void this.#look());
  }

  stop(): void {
    this.#cancel();
  }

  /** Into this node's mempool alone: what a wallet that was just loaded has unconfirmed. */
  async resubmit(wallet: NodeWallet): Promise<void> {
    this.#nextMs.set(wallet, this.#nextTime());
    await this.#submit(wallet, [...wallet.ledger.unconfirmedTransactions()], false);
  }

  async #look(): Promise<void> {
    const { wallets, chain, clock } = this.#deps;
    if (chain.isInitialBlockDownload) return;
    for (const wallet of wallets.all()) {
      const next = this.#nextMs.get(wallet) ?? this.#nextTime();
      this.#nextMs.set(wallet, next);
      if (clock.nowMs() < next) continue;
      this.#nextMs.set(wallet, this.#nextTime());
      const old = [...wallet.ledger.unconfirmedTransactions()].filter(
        ({ timeReceived }) => timeReceived <= chain.tip.time - YOUNG_SECONDS,
      );
      await this.#submit(wallet, old, true);
    }
  }

  async #submit(wallet: NodeWallet, records: readonly WalletTransaction[], tellsPeers: boolean): Promise<void> {
    const { relay, feeMaxSats, isActive } = this.#deps;
    if (!isActive) return;
    let count = 0;
    for (const record of records) {
      if (record.isCoinbase || record.state.kind === "conflicted" || !isPending(record)) continue;
      const refusal = await relay.submit(transactionOf(record), { feeMaxSats, tellsPeers });
      if (refusal === undefined) count++;
    }
    if (count > 0) wallet.log.info(`ResubmitWalletTransactions: resubmit ${count} unconfirmed transactions`);
  }

  #nextTime(): number {
    const { clock, random } = this.#deps;
    const hours = RESEND_HOURS_MIN + random.unit() * (RESEND_HOURS_MAX - RESEND_HOURS_MIN);
    return clock.nowMs() + hours * HOUR_MS;
  }
}
