import { GENESIS, mine, mineMany, rewardOf, type Spendable, type Tip } from "@bitfleet/node/chain/test-kit.ts";
import { chooseSecp256k1 } from "@bitfleet/node/crypto/choose-backend.ts";
import { concatBytes, EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeDer } from "@bitfleet/protocol/crypto/der.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { pushData } from "@bitfleet/protocol/script/script.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { taprootSighash } from "@bitfleet/protocol/script/sighash-taproot.ts";
import { tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";
import { payToPublicKeyHash, payToTaproot, payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";

/** Signed payments in numbers, and a chain that has the coins they spend. Every coin has a key of its own, as in life. */

const { backend: secp256k1 } = chooseSecp256k1("auto");
const ZERO_AUXILIARY = new Uint8Array(32);
/** The key that the chain test kit's rewards are paid to. */
const REWARD_KEY = new Uint8Array(32).fill(0x42);
/** Coins that a funding transaction makes. */
const COINS_EACH = 1000;
/** In a block: more would go beyond its signature operations, or its weight. */
const FUNDING_PER_BLOCK = 10;
/** Blocks before the first reward may be spent. */
const MATURITY = 100;
/** Numbers of the owners that payments go to, away from those of the first coins. */
const NEW_OWNERS_FIRST = 1_000_000;
/** Recent enough for a node to be done with the initial download, and not ahead of its clock. */
const TIP_AGE_SECONDS = 600;

export type PaymentKind = "P2WPKH" | "P2TR" | "P2PKH";

/** Who may spend an output, and how. */
export interface Owner {
  readonly kind: PaymentKind;
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly scriptPubKey: Uint8Array;
}

export interface OwnCoin extends Spendable {
  readonly owner: Owner;
}

/** Another owner for each number, the same in every run. */
export function ownerOf(kind: PaymentKind, number: number): Owner {
  const seed = new Uint8Array(4);
  new DataView(seed.buffer).setUint32(0, number);
  return owner(kind, sha256(seed));
}

function owner(kind: PaymentKind, privateKey: Uint8Array): Owner {
  const publicKey = secp256k1.publicKeyOf(privateKey, true);
  const common = { kind, privateKey, publicKey };
  if (kind === "P2WPKH") return { ...common, scriptPubKey: payToWitnessPublicKeyHash(hash160(publicKey)) };
  if (kind === "P2PKH") return { ...common, scriptPubKey: payToPublicKeyHash(hash160(publicKey)) };
  const tweak = tapTweakHash(publicKey.subarray(1));
  const scriptPubKey = payToTaproot(secp256k1.tweakXOnly(publicKey.subarray(1), tweak)!.x);
  return { ...common, privateKey: secp256k1.tweakPrivateKey(privateKey, tweak)!, scriptPubKey };
}

/** A signed transaction that divides `coins`, less `fee`, among `owners`; they get what they can spend in {@link coinOf}. */
export function payment(coins: readonly OwnCoin[], owners: readonly Owner[], fee: Sats): Transaction {
  const spent = coins.map(({ output }) => output);
  const value = (spent.reduce((sum, output) => sum + output.value, 0n) - fee) / BigInt(owners.length);
  const fields = {
    version: 2,
    inputs: coins.map(({ outPoint }) => {
      return { previousOutput: outPoint, scriptSig: EMPTY_BYTES, sequence: 0xfffffffd, witness: [] };
    }),
    outputs: owners.map(({ scriptPubKey }) => ({ value, scriptPubKey })),
    lockTime: 0,
  };
  const cache = new SighashCache(fields, spent);
  const inputs = fields.inputs.map((input, index) => ({ ...input, ...unlock(cache, index, coins[index]!.owner) }));
  return new Transaction({ ...fields, inputs });
}

/** What `owner` got by output `index`. */
export function coinOf(tx: Transaction, index: number, owner: Owner): OwnCoin {
  return { owner, outPoint: { txid: tx.txid, index }, output: tx.outputs[index]! };
}

function unlock(cache: SighashCache, index: number, { kind, privateKey, publicKey, scriptPubKey }: Owner) {
  if (kind === "P2TR") {
    const context = { annexHash: undefined, leafHash: undefined, codeSeparatorPosition: 0xffffffff };
    const hash = taprootSighash(cache, index, SighashType.DEFAULT, context)!;
    return { witness: [secp256k1.signSchnorr(hash, privateKey, ZERO_AUXILIARY)] };
  }
  const sign = (hash: Uint8Array) =>
    concatBytes(encodeDer(secp256k1.signEcdsa(hash, privateKey)), Uint8Array.of(SighashType.ALL));
  if (kind === "P2PKH") {
    const signature = sign(cache.legacySighash(index, scriptPubKey, SighashType.ALL));
    return { scriptSig: concatBytes(pushData(signature), pushData(publicKey)) };
  }
  const scriptCode = payToPublicKeyHash(scriptPubKey.subarray(2));
  return { witness: [sign(cache.witnessV0Sighash(index, scriptCode, SighashType.ALL)), publicKey] };
}

export interface FundedChain {
  /** From height 1 to the tip. */
  readonly tips: readonly Tip[];
  /** Confirmed, and not spent in the chain. */
  readonly coins: readonly OwnCoin[];
}

/** A chain whose last blocks make at least `count` coins of a kind. */
export function fundedChain(kind: PaymentKind, count: number): FundedChain {
  const fundingCount = Math.ceil(count / COINS_EACH);
  const time = Math.floor(Date.now() / 1000) - TIP_AGE_SECONDS;
  const rewards = mineMany(GENESIS, MATURITY + fundingCount);
  const rewardOwner = owner("P2WPKH", REWARD_KEY);
  const coins: OwnCoin[] = [];
  const funding = rewards.slice(0, fundingCount).map((tip, batch) => {
    const owners = Array.from({ length: COINS_EACH }, (_, index) => ownerOf(kind, batch * COINS_EACH + index));
    const tx = payment([{ ...rewardOf(tip), owner: rewardOwner }], owners, 100_000n);
    coins.push(...owners.map((own, index) => coinOf(tx, index, own)));
    return tx;
  });
  const tips = [...rewards];
  for (let start = 0; start < fundingCount; start += FUNDING_PER_BLOCK) {
    const transactions = funding.slice(start, start + FUNDING_PER_BLOCK);
    const isLast = start + FUNDING_PER_BLOCK >= fundingCount;
    tips.push(mine(tips.at(-1)!, isLast ? { transactions, time } : { transactions }));
  }
  return { tips, coins };
}

/** Payments of two coins to two new owners each. */
export interface PaymentPlan {
  readonly count: number;
  /** The coins of a payment are those from twice this number on; its own number where absent. */
  readonly pairOf?: (index: number) => number;
  readonly feeOf?: (index: number) => Sats;
}

/** Between one and ten satoshis a vbyte or so; the same numbers in every run, that look like none. */
const mixedFee = (index: number): Sats => 300n + BigInt((index * 7919) % 2003);

export function paymentsOf(coins: readonly OwnCoin[], plan: PaymentPlan): readonly Transaction[] {
  const { count, pairOf = (index) => index, feeOf = mixedFee } = plan;
  return Array.from({ length: count }, (_, index) => {
    const first = 2 * pairOf(index);
    const own = coins.slice(first, first + 2);
    return payment(own, newOwners(own[0]!.owner.kind, index), feeOf(index));
  });
}

function newOwners(kind: PaymentKind, index: number): readonly Owner[] {
  return [0, 1].map((output) => ownerOf(kind, NEW_OWNERS_FIRST + 2 * index + output));
}

/** `count` payments in chains, one behind the other: each spends both outputs of the one before. */
export function chainsOf(coins: readonly OwnCoin[], count: number, length: number): readonly Transaction[] {
  const all: Transaction[] = [];
  let own: readonly OwnCoin[] = [];
  for (let index = 0; index < count; index++) {
    const first = 2 * Math.floor(index / length);
    if (index % length === 0) own = coins.slice(first, first + 2);
    const owners = newOwners(own[0]!.owner.kind, index);
    const tx = payment(own, owners, mixedFee(index));
    all.push(tx);
    own = owners.map((next, output) => coinOf(tx, output, next));
  }
  return all;
}

/** The coins as if a transaction had made them that nobody has. */
export function strangeCoins(coins: readonly OwnCoin[]): readonly OwnCoin[] {
  return coins.map(({ owner, output, outPoint: { txid, index } }) => {
    return { owner, output, outPoint: { txid: sha256(txid) as Txid, index } };
  });
}
