import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { parseDisplayHash, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { dataOutput, payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";

const OP_TRUE = Uint8Array.of(0x51);
const OUTPUT_SCRIPT = payToWitnessScriptHash(sha256(OP_TRUE));
const ADDRESS = encodeAddress(OUTPUT_SCRIPT, regtestNetwork().addressPrefixes) ?? "";
const SUBSIDY = 5_000_000_000n;
/** Of the transaction that splits, whatever its size. */
const SPLIT_FEE = 500_000n;
/** Feerates go from 1 to this many satoshis a virtual byte, as many in each magnitude. */
const FEERATE_MAX = 300;
const NOTE_BYTES_MAX = 76;
const COINBASE_MATURITY = 100;
/** Calls that wait for an answer. */
const SENT_AT_ONCE = 25;

interface Payment {
  readonly hex: string;
  readonly txid: string;
  readonly fee: Sats;
  /** Of output 0, which needs no signature either. */
  readonly value: Sats;
}

interface ManyPayments {
  readonly payments: readonly Payment[];
  readonly send: () => Promise<void>;
  readonly mine: () => Promise<string>;
}

type Call = <Result>(method: string, ...params: readonly unknown[]) => Promise<Result>;

/**
 * Blocks of a regtest node whose coins need no signature: mines until a reward can be spent, splits it into `count` coins, and answers
 * as many payments, of many sizes and feerates. `send` puts them into the mempool, `mine` makes a block, whose hash it answers.
 */
export async function manyPayments(call: Call, count: number): Promise<ManyPayments> {
  const [reward] = await mineRewards(call, 1);
  const payments = await splitReward(call, reward!, count);
  return { payments, send: () => send(call, payments), mine: () => mine(call) };
}

/** Mines until the rewards of `count` blocks can be spent, whose hashes it answers. */
export async function mineRewards(call: Call, count: number): Promise<readonly string[]> {
  const hashes = await call<readonly string[]>("generatetoaddress", COINBASE_MATURITY + count, ADDRESS);
  return hashes.slice(0, count);
}

/** Splits a block's reward, in a block of its own, and answers `count` payments that are not sent yet. */
export async function splitReward(call: Call, blockHash: string, count: number): Promise<readonly Payment[]> {
  const { tx } = await call<{ readonly tx: readonly string[] }>("getblock", blockHash);
  const value = (SUBSIDY - SPLIT_FEE) / BigInt(count);
  const split = spend(
    tx[0]!,
    0,
    Array.from({ length: count }, () => ({ value, scriptPubKey: OUTPUT_SCRIPT })),
  );
  // By itself it may be larger than what is relayed.
  await call("generateblock", ADDRESS, [toHex(split.bytes)]);
  return Array.from({ length: count }, (_, index) => payment(idOf(split), index, value));
}

async function send(call: Call, payments: readonly Payment[]): Promise<void> {
  for (let from = 0; from < payments.length; from += SENT_AT_ONCE) {
    await Promise.all(payments.slice(from, from + SENT_AT_ONCE).map(({ hex }) => call("sendrawtransaction", hex, 0)));
  }
}

async function mine(call: Call): Promise<string> {
  const [hash] = await call<readonly string[]>("generatetoaddress", 1, ADDRESS);
  return hash!;
}

/** `count` payments, each of which spends the one before it, the first of them `parent`. */
export function descendants(parent: Payment, count: number): readonly Payment[] {
  const chain = [parent];
  while (chain.length <= count) chain.push(payment(chain.at(-1)!.txid, 0, chain.at(-1)!.value, chain.length * 13));
  return chain.slice(1);
}

/** Pays output `index`; `number` says how much it carries and pays. */
function payment(txid: string, index: number, value: Sats, number = index): Payment {
  const note = dataOutput(new Uint8Array((number * 31) % NOTE_BYTES_MAX));
  const feerate = FEERATE_MAX ** (((number * 7919) % 1000) / 1000);
  const outputs = (fee: Sats) => [
    { value: value - fee, scriptPubKey: OUTPUT_SCRIPT },
    { value: 0n, scriptPubKey: note },
  ];
  const size = spend(txid, index, outputs(0n)).weight / 4;
  const fee = BigInt(Math.ceil(size * feerate));
  const transaction = spend(txid, index, outputs(fee));
  return { hex: toHex(transaction.bytes), txid: idOf(transaction), fee, value: value - fee };
}

function spend(
  txid: string,
  index: number,
  outputs: readonly { readonly value: Sats; readonly scriptPubKey: Uint8Array }[],
): Transaction {
  const previousTxid = parseDisplayHash<Txid>(txid);
  if (previousTxid === undefined) throw new Error(`${txid} is no txid`);
  const input = {
    previousOutput: { txid: previousTxid, index },
    scriptSig: new Uint8Array(),
    sequence: 0xfffffffd,
    witness: [OP_TRUE],
  };
  return new Transaction({ version: 2, inputs: [input], outputs: [...outputs], lockTime: 0 });
}

const idOf = (transaction: Transaction) => toHex(transaction.txid.toReversed());
