import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { OutPoint, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { outPointKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { BumpableTransaction, BumpingWallet } from "@bitfleet/wallet/building/bump-request.ts";
import type { AddressType } from "@bitfleet/wallet/building/change-type.ts";
import type { NodeFees } from "@bitfleet/wallet/building/fee-policy.ts";
import type { ChainTip } from "@bitfleet/wallet/building/fee-sniping.ts";
import type { ChangeReservation, SpendingSettings } from "@bitfleet/wallet/building/spending-wallet.ts";
import { WalletCoins } from "@bitfleet/wallet/building/wallet-coins.ts";
import { isChangeScript } from "@bitfleet/wallet/ledger/transaction-amounts.ts";
import { isSpent } from "@bitfleet/wallet/ledger/trust.ts";
import { depthOf, transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { Coin } from "@bitfleet/wallet/selection/coin.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { Random } from "../../ports.ts";
import type { NodeWallet } from "../node-wallet.ts";
import type { PaymentPolicy } from "../node-wallets.ts";
import { type GivenAddress, newChangeAddress, takeBackAddress } from "../wallet-addresses.ts";
import { WalletFlag } from "../wallet-flags.ts";
import { mempoolBumpFees } from "./mempool-bump-fees.ts";
import type { KnownOutputs, SpendingNode } from "./spending-node.ts";

/** What is known besides the wallet. */
export interface SpendingFacts {
  /** What others told of how outputs are spent. */
  readonly solving?: SigningMaterial | undefined;
  /** Outputs of chain and mempool, looked up before: building asks for them at once. */
  readonly outputs?: KnownOutputs | undefined;
}

/**
 * A wallet of the node as the building of one payment sees it. Until {@link settle} it may still take back the addresses for change that
 * it gave out: whoever builds ends with one of them, whatever happens.
 */
export class NodeSpendingWallet implements BumpingWallet {
  readonly settings: SpendingSettings;
  readonly node: NodeFees;
  readonly tip: ChainTip;
  readonly random: Random;
  readonly secp256k1: Secp256k1;
  readonly #wallet: NodeWallet;
  readonly #mempool: SpendingNode["mempool"];
  readonly #outputs: KnownOutputs;
  readonly #coins: WalletCoins;
  readonly #reserved: { readonly address: GivenAddress; isKept: boolean }[] = [];

  constructor(wallet: NodeWallet, node: SpendingNode, facts: SpendingFacts = {}) {
    const { chain, clock, mempool, policy } = node;
    this.#wallet = wallet;
    this.#mempool = mempool;
    this.#outputs = facts.outputs ?? new Map();
    this.#coins = coinsOf(wallet, mempool, facts.solving);
    this.settings = settingsOf(policy);
    this.node = nodeFeesOf(node);
    this.tip = {
      height: wallet.bestBlock.height,
      ageSeconds: Math.floor(clock.nowMs() / 1000) - chain.tip.time,
      isInitialBlockDownload: chain.isInitialBlockDownload,
    };
    this.random = node.random;
    this.secp256k1 = wallet.deps.secp256k1;
  }

  spendableCoins(): readonly Coin[] {
    return this.#coins.spendable();
  }

  coin(outPoint: OutPoint): Coin | undefined {
    return this.#coins.coin(outPoint);
  }

  isSpent(outPoint: OutPoint): boolean {
    return isSpent(this.#wallet.ledger, outPoint);
  }

  hasChangeType(addressType: AddressType): boolean {
    return this.#wallet.keychain.activeSource({ addressType, isInternal: true }) !== undefined;
  }

  reserveChange(type: AddressType): ChangeReservation | { readonly error: string } {
    const address = newChangeAddress(this.#wallet, type);
    if ("error" in address) return address;
    const reserved = { address, isKept: false };
    this.#reserved.push(reserved);
    const keep = () => {
      reserved.isKept = true;
    };
    return { scriptPubKey: address.script, keep, release: () => {} };
  }

  /** Gives back what was reserved for change: where the payment came to be, only what building did not keep. */
  settle(hasSucceeded: boolean): void {
    for (const { address, isKept } of this.#reserved.splice(0).reverse()) {
      if (!hasSucceeded || !isKept) takeBackAddress(this.#wallet, address);
    }
  }

  inputWeightOf(scriptPubKey: Uint8Array): number | undefined {
    return this.#coins.spendingOf(scriptPubKey)?.inputWeight;
  }

  bumpFees(outPoints: readonly OutPoint[], feerateSatPerKvb: Sats): readonly Sats[] {
    const fees = mempoolBumpFees(outPoints, feerateSatPerKvb, this.#mempool);
    return outPoints.map((outPoint) => fees?.of(outPoint) ?? 0n);
  }

  combinedBumpFee(outPoints: readonly OutPoint[], feerateSatPerKvb: Sats): Sats | undefined {
    return mempoolBumpFees(outPoints, feerateSatPerKvb, this.#mempool)?.ofAll(outPoints);
  }

  bumpable(txid: Txid): BumpableTransaction | undefined {
    const { ledger, bestBlock } = this.#wallet;
    const record = ledger.transaction(txid);
    if (record === undefined) return undefined;
    const tx = transactionOf(record);
    return {
      tx,
      depth: depthOf(record, bestBlock.height),
      hasWalletDescendants: tx.outputs.some((_, index) => this.isSpent({ txid, index })),
      hasMempoolDescendants: (this.#mempool.get(txid)?.children.size ?? 0) > 0,
      replacedBy: record.notes.replacedBy,
    };
  }

  isChange({ scriptPubKey }: TxOutput): boolean {
    const { keychain, ledger } = this.#wallet;
    return keychain.ownerOf(scriptPubKey) !== undefined && isChangeScript(ledger, scriptPubKey);
  }

  unspentOutput(outPoint: OutPoint): TxOutput | undefined {
    return this.#outputs.get(outPointKey(outPoint));
  }
}

function coinsOf(wallet: NodeWallet, mempool: SpendingNode["mempool"], solving?: SigningMaterial): WalletCoins {
  const { ledger, keychain, deps } = wallet;
  return new WalletCoins({
    ledger,
    keychain,
    solving,
    query: wallet.queryContext(),
    context: deps,
    signatures: { useMaxSig: wallet.has(WalletFlag.disablePrivateKeys) },
    family: (txid) => ({
      ancestorCount: mempool.get(txid)?.ancestorCount ?? 0,
      clusterCount: mempool.clusterOf(txid)?.entries.length ?? 0,
    }),
  });
}

function settingsOf(policy: PaymentPolicy): SpendingSettings {
  const { fees } = policy;
  return {
    minFeerateSatPerKvb: fees.minFeerateSatPerKvb,
    fallbackFeerateSatPerKvb: fees.fallbackFeerateSatPerKvb,
    discardFeerateSatPerKvb: fees.discardFeerateSatPerKvb,
    longTermFeerateSatPerKvb: fees.consolidateFeerateSatPerKvb,
    confirmationTarget: policy.confirmTarget,
    signalsReplacement: policy.signalsReplaceability,
    feeMax: fees.maxFeeSats,
    addressType: policy.addressType,
    changeType: policy.changeType,
    spendsZeroConfirmationChange: policy.spendsUnconfirmedChange,
    avoidsPartialSpends: policy.avoidsPartialSpends,
    partialSpendsFeeMax: fees.partialSpendFeeMaxSats,
    rejectsLongChains: policy.rejectsLongChains,
    ancestorCountMax: policy.ancestorCountMax,
    descendantCountMax: policy.descendantCountMax,
  };
}

/** What the node says of fees now. */
export function nodeFeesOf({ mempool, fees }: Pick<SpendingNode, "fees" | "mempool">): NodeFees {
  const { minRelayFeerateSatPerKvb, incrementalFeerateSatPerKvb, standardness } = mempool.options;
  const { estimator } = fees;
  return {
    relayMinFeerateSatPerKvb: minRelayFeerateSatPerKvb,
    mempoolMinFeerateSatPerKvb: mempool.rollingFeerateSatPerKvb,
    incrementalFeerateSatPerKvb,
    dustFeerateSatPerKvb: standardness.dustFeerateSatPerKvb,
    estimateBlocksMax: estimator?.targetMax("long") ?? 0,
    estimate: (blocks, mode) => estimator?.estimateSmart(blocks, mode) ?? NO_ESTIMATE,
  };
}

const NO_ESTIMATE = { feerateSatPerKvb: undefined, reason: "None" };
