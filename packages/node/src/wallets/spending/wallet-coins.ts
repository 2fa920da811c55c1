import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { Descriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { inferredDescriptor } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import {
  isWitnessDescriptor,
  maxInputWeight,
  type SignatureSize,
} from "@bitfleet/wallet/descriptors/satisfaction-weight.ts";
import { addressTypeOf } from "@bitfleet/wallet/keychain/address-type.ts";
import { availableCoins } from "@bitfleet/wallet/ledger/available-coins.ts";
import { isUsedAddress } from "@bitfleet/wallet/ledger/trust.ts";
import type { ScriptOwner, WalletCoin } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import { depthOf, transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { Coin } from "@bitfleet/wallet/selection/coin.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { NodeWallet } from "../node-wallet.ts";
import { WalletFlag } from "../wallet-flags.ts";
import type { SpendingNode } from "./spending-node.ts";

/** How outputs with a script are spent. */
export type ScriptSpending = Pick<Coin, "inputWeight" | "isSegwit" | "type">;

/** Of which transactions a coin may be part, as far as that changes with the mempool. */
type Unconfirmed = Pick<Coin, "ancestorCount" | "clusterCount" | "hasChildInMempool" | "version">;

/** What is known of spending a script that a descriptor stands for. `useMaxSig`: others sign, who may not care to keep signatures short. */
export function spendingOfDescriptor(descriptor: Descriptor, { useMaxSig }: SignatureSize): ScriptSpending {
  return {
    inputWeight: maxInputWeight(descriptor, { useMaxSig, inWitnessTransaction: true }),
    isSegwit: isWitnessDescriptor(descriptor),
    type: addressTypeOf(descriptor) ?? "unknown",
  };
}

/** A wallet's outputs as coin selection wants to know them. Good for one payment: it remembers what it found. */
export class WalletCoins {
  readonly #wallet: NodeWallet;
  readonly #mempool: SpendingNode["mempool"];
  /** What others told of spending the wallet's scripts, where its own descriptors do not. */
  readonly #solving: SigningMaterial | undefined;
  /** A wallet without private keys does not know who signs. */
  readonly #signatures: SignatureSize;
  /** By descriptor and kind of script: all scripts of one kind of a descriptor are spent alike. */
  readonly #spending = new Map<string, ScriptSpending>();
  readonly #unconfirmed = new Map<string, Unconfirmed>();

  constructor(wallet: NodeWallet, mempool: SpendingNode["mempool"], solving?: SigningMaterial) {
    this.#wallet = wallet;
    this.#mempool = mempool;
    this.#solving = solving;
    this.#signatures = { useMaxSig: wallet.has(WalletFlag.disablePrivateKeys) };
  }

  /** All that nobody spends and the user has not locked, safe or not. */
  spendable(): readonly Coin[] {
    const { ledger } = this.#wallet;
    const query = { includesUnsafe: true, valueMin: 0n };
    return availableCoins(ledger, this.#wallet.queryContext(), query).map(({ coin, depth, isSafe }) =>
      this.#coinOf(coin, depth, isSafe),
    );
  }

  /** An output of the wallet's, spent or not. */
  coin(outPoint: OutPoint): Coin | undefined {
    const { ledger, bestBlock } = this.#wallet;
    const coin = ledger.coin(outPoint);
    const record = coin && ledger.transaction(outPoint.txid);
    return record && this.#coinOf(coin, depthOf(record, bestBlock.height), true);
  }

  /** How a script is spent; `undefined` where it is not the wallet's. */
  spendingOf(script: Uint8Array): ScriptSpending | undefined {
    const owners = this.#wallet.keychain.ownersOf(script);
    let first: ScriptSpending | undefined;
    for (const owner of owners) {
      const spending = this.#spendingBy(owner, script);
      if (spending.inputWeight !== undefined) return spending;
      first ??= spending;
    }
    return first === undefined ? undefined : (this.#spendingBySolving(script) ?? first);
  }

  #coinOf({ outPoint, value, script, isFromMe }: WalletCoin, depth: number, isSafe: boolean): Coin {
    const spending = this.spendingOf(script) ?? UNSPENDABLE;
    const isReused = isUsedAddress(this.#wallet.ledger, script);
    const rest = depth > 0 ? {} : this.#unconfirmedOf(outPoint);
    return {
      outPoint,
      output: { value, scriptPubKey: script },
      depth,
      isFromMe,
      isSafe,
      isReused,
      ...spending,
      ...rest,
    };
  }

  #unconfirmedOf({ txid }: OutPoint): Unconfirmed {
    const key = hashKey(txid);
    const known = this.#unconfirmed.get(key);
    if (known !== undefined) return known;
    const record = this.#wallet.transaction(txid)!;
    const made: Unconfirmed = {
      version: transactionOf(record).version,
      hasChildInMempool: record.trucChildInMempool !== undefined,
      ancestorCount: this.#mempool.get(txid)?.ancestorCount ?? 0,
      clusterCount: this.#mempool.clusterOf(txid)?.entries.length ?? 0,
    };
    this.#unconfirmed.set(key, made);
    return made;
  }

  #spendingBy(owner: ScriptOwner, script: Uint8Array): ScriptSpending {
    const key = `${owner.descriptorId}:${templateOf(script).type}`;
    const known = this.#spending.get(key);
    if (known !== undefined) return known;
    const { descriptor } = this.#wallet.keychain.source(owner.descriptorId);
    const one = descriptor.kind === "combo" ? this.#inferred(script, this.#materialOf(owner)) : descriptor;
    const spending = spendingOfDescriptor(one, this.#signatures);
    this.#spending.set(key, spending);
    return spending;
  }

  #materialOf(owner: ScriptOwner): SigningMaterial | undefined {
    return this.#wallet.keychain.expansionOf(owner)?.material;
  }

  #spendingBySolving(script: Uint8Array): ScriptSpending | undefined {
    const solving = this.#solving;
    if (solving === undefined) return undefined;
    const spending = spendingOfDescriptor(this.#inferred(script, solving), this.#signatures);
    return spending.inputWeight === undefined ? undefined : spending;
  }

  #inferred(script: Uint8Array, material: SigningMaterial | undefined): Descriptor {
    return inferredDescriptor(script, this.#wallet.deps, material ?? new SigningMaterial());
  }
}

const UNSPENDABLE: ScriptSpending = { inputWeight: undefined, isSegwit: false, type: "unknown" };
