import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { inferredDescriptor, type ScriptContext } from "../descriptors/infer-descriptor.ts";
import { isWitnessDescriptor, maxInputWeight, type SignatureSize } from "../descriptors/satisfaction-weight.ts";
import { addressTypeOf } from "../keychain/address-type.ts";
import type { Keychain } from "../keychain/keychain.ts";
import { availableCoins } from "../ledger/available-coins.ts";
import type { LedgerStore } from "../ledger/ledger-store.ts";
import { isUsedAddress, type QueryContext } from "../ledger/trust.ts";
import type { ScriptOwner, WalletCoin } from "../ledger/wallet-coin.ts";
import { depthOf, transactionOf } from "../ledger/wallet-transaction.ts";
import type { Coin } from "../selection/coin.ts";
import { SigningMaterial } from "../signing/signing-material.ts";

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

/** What coins are told by. */
export interface CoinSources {
  readonly ledger: LedgerStore;
  readonly keychain: Keychain;
  /** `tipHeight`: of the wallet's best block. */
  readonly query: QueryContext;
  readonly context: ScriptContext;
  /** Who signs: a wallet without private keys does not know how long others make their signatures. */
  readonly signatures: SignatureSize;
  /** Of a transaction in the mempool; 0 where it is not there. */
  family(txid: Txid): { readonly ancestorCount: number; readonly clusterCount: number };
  /** What others told of spending the wallet's scripts, where its own descriptors do not. */
  readonly solving?: SigningMaterial | undefined;
}

/** A wallet's outputs as coin selection wants to know them. Good for one payment: it remembers what it found. */
export class WalletCoins {
  readonly #sources: CoinSources;
  /** By descriptor and kind of script: all scripts of one kind of a descriptor are spent alike. */
  readonly #spending = new Map<string, ScriptSpending>();
  readonly #unconfirmed = new Map<string, Unconfirmed>();

  constructor(sources: CoinSources) {
    this.#sources = sources;
  }

  /** All that nobody spends and the user has not locked, safe or not. */
  spendable(): readonly Coin[] {
    const { ledger, query } = this.#sources;
    const wanted = { includesUnsafe: true, valueMin: 0n };
    return availableCoins(ledger, query, wanted).map(({ coin, depth, isSafe }) => this.#coinOf(coin, depth, isSafe));
  }

  /** An output of the wallet's, spent or not. */
  coin(outPoint: OutPoint): Coin | undefined {
    const { ledger, query } = this.#sources;
    const coin = ledger.coin(outPoint);
    const record = coin && ledger.transaction(outPoint.txid);
    return record && this.#coinOf(coin, depthOf(record, query.tipHeight), true);
  }

  /** How a script is spent; `undefined` where it is not the wallet's. */
  spendingOf(script: Uint8Array): ScriptSpending | undefined {
    const owners = this.#sources.keychain.ownersOf(script);
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
    const isReused = isUsedAddress(this.#sources.ledger, script);
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
    const record = this.#sources.ledger.transaction(txid)!;
    const made: Unconfirmed = {
      version: transactionOf(record).version,
      hasChildInMempool: record.trucChildInMempool !== undefined,
      ...this.#sources.family(txid),
    };
    this.#unconfirmed.set(key, made);
    return made;
  }

  #spendingBy(owner: ScriptOwner, script: Uint8Array): ScriptSpending {
    const key = `${owner.descriptorId}:${templateOf(script).type}`;
    const known = this.#spending.get(key);
    if (known !== undefined) return known;
    const { descriptor } = this.#sources.keychain.source(owner.descriptorId);
    const one = descriptor.kind === "combo" ? this.#inferred(script, this.#materialOf(owner)) : descriptor;
    const spending = spendingOfDescriptor(one, this.#sources.signatures);
    this.#spending.set(key, spending);
    return spending;
  }

  #materialOf(owner: ScriptOwner): SigningMaterial | undefined {
    return this.#sources.keychain.expansionOf(owner)?.material;
  }

  #spendingBySolving(script: Uint8Array): ScriptSpending | undefined {
    const { solving } = this.#sources;
    if (solving === undefined) return undefined;
    const spending = spendingOfDescriptor(this.#inferred(script, solving), this.#sources.signatures);
    return spending.inputWeight === undefined ? undefined : spending;
  }

  #inferred(script: Uint8Array, material: SigningMaterial | undefined): Descriptor {
    return inferredDescriptor(script, this.#sources.context, material ?? new SigningMaterial());
  }
}

const UNSPENDABLE: ScriptSpending = { inputWeight: undefined, isSegwit: false, type: "unknown" };
