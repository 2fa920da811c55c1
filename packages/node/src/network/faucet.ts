import { satsFromNumber } from "@bitfleet/api/amount.ts";
import { FAUCET_SATS_MAX, FAUCET_SATS_MIN } from "@bitfleet/api/faucet-limits.ts";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { COINBASE_MATURITY } from "@bitfleet/protocol/consensus/check-transaction.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { decodeTransaction, type TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { type AddressPrefixes, decodeAddress, encodeAddress, type WifKey } from "@bitfleet/protocol/script/address.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { signTransaction } from "@bitfleet/wallet/signing/signer.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { NetworkFault } from "../server/network-control.ts";
import { callPlain, type NetworkNode } from "./operations.ts";
import { RpcError } from "./rpc-client.ts";

/** Coins for whoever asks, of what the network has mined to its own key. */

/** What one call gives at most, and at least. */
const SATS_MAX = BigInt(FAUCET_SATS_MAX);
const SATS_MIN = BigInt(FAUCET_SATS_MIN);
/** Coins that are looked at for a payment: the largest. */
const COINS_MAX = 2_000;
/** Outputs that one call asks about. */
const ASKED_AT_ONCE = 200;
/** Own transactions in the mempool that are followed to their change. */
const FOLLOWED_MAX = 1_000;
const INPUTS_MAX = 500;
/** Satoshis a vbyte; more where the mempool asks for more. */
const FEERATE = 2n;
/** Less is not worth an output. */
const CHANGE_MIN = 546n;
/** Vbytes, rounded up, of a transaction without inputs and outputs, of an input of ours, and of an output without its script. */
const HEAD_SIZE = 11;
const INPUT_SIZE = 68;
const OUTPUT_SIZE = 9;
const SEQUENCE = 0xfffffffd;
const SCAN_RETRIES_MAX = 50;
const SCAN_RETRY_MS = 100;

export interface FaucetOptions {
  readonly node: NetworkNode;
  readonly key: WifKey;
  readonly prefixes: AddressPrefixes;
}

export interface Payment {
  readonly address: string;
  readonly sats: bigint;
}

export interface Paid {
  readonly txid: string;
  readonly feeSats: bigint;
}

interface Coin {
  readonly txid: string;
  readonly vout: number;
  readonly sats: bigint;
  readonly isConfirmed: boolean;
}

/**
 * Pays from the mining key, change back to it, and hands the transaction to the node. Coins of blocks come first; where all are spent,
 * the change of payments that wait still. Rejects with {@link NetworkFault}.
 */
export async function payFromFaucet({ address, sats }: Payment, options: FaucetOptions): Promise<Paid> {
  const script = scriptOf(address, options.prefixes);
  refuseAmount(sats);
  const own = payToWitnessPublicKeyHash(hash160(portableSecp256k1.publicKeyOf(options.key.privateKey, true)));
  const coins = await spendableCoins(options, own);
  const feerate = await feerateOf(options.node);
  // What hangs together with much else may have no room in the mempool; coins of blocks hang together with nothing.
  let usable = coins.unspent;
  for (;;) {
    const chosen = chooseCoins(usable, sats, feerate, script.length);
    if (chosen === undefined) throw tooLittle(sats, coins, usable.length < coins.unspent.length);
    const { transaction, feeSats } = signedPayment(chosen, { script, sats, feerate }, options.key, own);
    try {
      const txid = await callPlain(options.node, "sendrawtransaction", [toHex(transaction.bytes)]);
      return { txid: String(txid), feeSats };
    } catch (error) {
      if (!isCrowded(error)) throw error;
      const isChosen = new Set(chosen.filter(({ isConfirmed }) => !isConfirmed));
      if (isChosen.size === 0) throw error;
      usable = usable.filter((coin) => !isChosen.has(coin));
    }
  }
}

function scriptOf(address: string, prefixes: AddressPrefixes): Uint8Array {
  const decoded = decodeAddress(address, prefixes);
  if ("error" in decoded) throw new NetworkFault("value", `'${address.slice(0, 100)}' is no address of this network.`);
  return decoded.script;
}

function refuseAmount(sats: bigint): void {
  if (sats >= SATS_MIN && sats <= SATS_MAX) return;
  const range = `${coinsText(SATS_MIN)} to ${coinsText(SATS_MAX)}`;
  throw new NetworkFault("value", `The faucet gives ${range} at a time, not ${coinsText(sats)}.`);
}

interface Coins {
  /** The largest first, those of blocks before others. */
  readonly unspent: readonly Coin[];
  /** Satoshis of rewards that cannot be spent yet. */
  readonly immatureSats: bigint;
}

async function spendableCoins(options: FaucetOptions, own: Uint8Array): Promise<Coins> {
  const scan = await scanOf(options.node, encodeAddress(own, options.prefixes)!);
  const isMature = ({ coinbase, height }: ScannedCoin) => !coinbase || scan.height + 1 - height >= COINBASE_MATURITY;
  const toCoin = ({ txid, vout, amount }: ScannedCoin): Coin => ({
    txid,
    vout,
    sats: satsFromNumber(amount),
    isConfirmed: true,
  });
  const confirmed = scan.unspents.filter(isMature).map(toCoin).sort(largestFirst).slice(0, COINS_MAX);
  const immature = scan.unspents.filter((coin) => !isMature(coin)).map(toCoin);
  const { unspent, spenders } = await sortOut(options.node, confirmed);
  const change = await changeOf(options.node, spenders, own);
  return { unspent: [...unspent, ...change], immatureSats: sumOf(immature) };
}

interface ScannedCoin {
  readonly txid: string;
  readonly vout: number;
  readonly amount: number;
  readonly coinbase: boolean;
  readonly height: number;
}

interface Scan {
  readonly height: number;
  readonly unspents: readonly ScannedCoin[];
}

/** A node makes one search at a time: another's is waited for. */
async function scanOf(node: NetworkNode, address: string): Promise<Scan> {
  for (let tried = 1; ; tried++) {
    try {
      return (await callPlain(node, "scantxoutset", ["start", [`addr(${address})`]])) as Scan;
    } catch (error) {
      const isBusy = (error as Error).message.includes("Scan already in progress");
      if (!isBusy || tried === SCAN_RETRIES_MAX) throw error;
      await new Promise((resume) => setTimeout(resume, SCAN_RETRY_MS));
    }
  }
}

/** Which of the coins nothing in the mempool spends, and what spends the others. */
async function sortOut(node: NetworkNode, coins: readonly Coin[]) {
  const unspent: Coin[] = [];
  const spenders = new Set<string>();
  for (let start = 0; start < coins.length; start += ASKED_AT_ONCE) {
    const asked = coins.slice(start, start + ASKED_AT_ONCE);
    const outputs = asked.map(({ txid, vout }) => ({ txid, vout }));
    // Of the mempool alone: a node with an index of spenders answers in another order otherwise, and of blocks too.
    const answers = (await callPlain(node, "gettxspendingprevout", [outputs, { mempool_only: true }])) as {
      spendingtxid?: string;
    }[];
    for (const [index, { spendingtxid }] of answers.entries()) {
      if (spendingtxid === undefined) unspent.push(asked[index]!);
      else spenders.add(spendingtxid);
    }
  }
  return { unspent, spenders: [...spenders] };
}

/** What transactions of the mempool, and those that spend them, paid back to us and nothing spends yet. */
async function changeOf(node: NetworkNode, spenders: readonly string[], own: Uint8Array): Promise<readonly Coin[]> {
  const found: Coin[] = [];
  const queue = [...spenders];
  const seen = new Set<string>(queue);
  while (queue.length > 0 && seen.size <= FOLLOWED_MAX) {
    const outputs = (await Promise.all(queue.splice(0).map((txid) => ownOutputs(node, txid, own)))).flat();
    const { unspent, spenders: next } = await sortOut(node, outputs);
    found.push(...unspent);
    for (const txid of next) if (!seen.has(txid)) queue.push(txid);
    for (const txid of next) seen.add(txid);
  }
  return found.sort(largestFirst);
}

async function ownOutputs(node: NetworkNode, txid: string, own: Uint8Array): Promise<readonly Coin[]> {
  const hex = await callPlain(node, "getrawtransaction", [txid]).catch((error: unknown) => {
    // It was mined just now, or replaced: the next call finds what came of it.
    if (error instanceof RpcError) return undefined;
    throw error;
  });
  if (hex === undefined) return [];
  const { outputs } = decodeTransaction(new Reader(fromHex(String(hex))));
  const ownText = toHex(own);
  return outputs.flatMap(({ value, scriptPubKey }, vout) =>
    toHex(scriptPubKey) === ownText ? [{ txid, vout, sats: value, isConfirmed: false }] : [],
  );
}

/** Satoshis a vbyte. */
async function feerateOf(node: NetworkNode): Promise<bigint> {
  const { mempoolminfee } = (await callPlain(node, "getmempoolinfo", [])) as { readonly mempoolminfee: number };
  const needed = satsFromNumber(mempoolminfee) / 1000n + 1n;
  return needed > FEERATE ? needed : FEERATE;
}

const sizeOf = (inputCount: number, scriptSize: number, hasChange: boolean) =>
  HEAD_SIZE + inputCount * INPUT_SIZE + OUTPUT_SIZE + scriptSize + (hasChange ? OUTPUT_SIZE + 22 : 0);

const feeOf = (inputCount: number, scriptSize: number, feerate: bigint) =>
  BigInt(sizeOf(inputCount, scriptSize, true)) * feerate;

/** The smallest coin of a block that suffices; else as few as do, as they come. `undefined` where all do not. */
function chooseCoins(
  coins: readonly Coin[],
  sats: bigint,
  feerate: bigint,
  scriptSize: number,
): readonly Coin[] | undefined {
  const needed = (count: number) => sats + feeOf(count, scriptSize, feerate);
  const single = coins.filter((coin) => coin.isConfirmed && coin.sats >= needed(1)).at(-1);
  if (single !== undefined) return [single];
  const chosen: Coin[] = [];
  for (const coin of coins.slice(0, INPUTS_MAX)) {
    chosen.push(coin);
    if (sumOf(chosen) >= needed(chosen.length)) return chosen;
  }
  return undefined;
}

interface PaymentPlan {
  readonly script: Uint8Array;
  readonly sats: bigint;
  readonly feerate: bigint;
}

function signedPayment(coins: readonly Coin[], { script, sats, feerate }: PaymentPlan, key: WifKey, own: Uint8Array) {
  const change = sumOf(coins) - sats - feeOf(coins.length, script.length, feerate);
  const hasChange = change >= CHANGE_MIN;
  const fields: TransactionFields = {
    version: 2,
    inputs: coins.map(({ txid, vout }) => ({
      previousOutput: { txid: parseDisplayHash<Txid>(txid)!, index: vout },
      scriptSig: new Uint8Array(0),
      sequence: SEQUENCE,
      witness: [],
    })),
    outputs: [{ value: sats, scriptPubKey: script }, ...(hasChange ? [{ value: change, scriptPubKey: own }] : [])],
    lockTime: 0,
  };
  const material = new SigningMaterial();
  material.addPrivateKey(key, portableSecp256k1);
  const spent = coins.map((coin) => ({ value: coin.sats, scriptPubKey: own }));
  const { transaction, errors } = signTransaction(fields, spent, SighashType.ALL, material, portableSecp256k1);
  const [error] = errors.values();
  if (error !== undefined) throw new Error(`the faucet's payment cannot be signed: ${error}`);
  return { transaction, feeSats: sumOf(coins) - sats - (hasChange ? change : 0n) };
}

/** The mempool has no room for more that hangs together. */
const isCrowded = (error: unknown) =>
  error instanceof RpcError && /too-large-cluster|too-long-mempool-chain/.test(error.message);

function tooLittle(sats: bigint, { unspent, immatureSats }: Coins, isCrowdedOut: boolean): NetworkFault {
  const mine = 'mine a block first ("bitfleet mine 1")';
  if (isCrowdedOut) {
    return new NetworkFault("conflict", `So many payments wait that no more can follow them; ${mine}.`);
  }
  const has = sumOf(unspent);
  const later =
    immatureSats > 0n ? `; ${coinsText(immatureSats)} more can be spent when blocks have come upon them` : "";
  const ask = has > SATS_MIN ? `ask for less, or ${mine}` : mine;
  return new NetworkFault(
    "conflict",
    `The faucet has ${coinsText(has)} to give, not ${coinsText(sats)} and the fee${later}; ${ask}.`,
  );
}

const sumOf = (coins: readonly Coin[]) => coins.reduce((sum, coin) => sum + coin.sats, 0n);

const largestFirst = (a: Coin, b: Coin) => (a.sats === b.sats ? 0 : a.sats > b.sats ? -1 : 1);

/** As people write it: `1.5 BTC`. */
export function coinsText(sats: bigint): string {
  const digits = sats.toString().replace("-", "").padStart(9, "0");
  const fraction = digits.slice(-8).replace(/0+$/, "");
  return `${sats < 0n ? "-" : ""}${digits.slice(0, -8)}${fraction === "" ? "" : `.${fraction}`} BTC`;
}
