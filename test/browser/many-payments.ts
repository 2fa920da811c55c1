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
  const [first] = await call<readonly string[]>("generatetoaddress", COINBASE_MATURITY + 1, ADDRESS);
  const { tx } = await call<{ readonly tx: readonly string[] }>("getblock", first);
  const value = (SUBSIDY - SPLIT_FEE) / BigInt(count);
  const split = spend(
    tx[0]!,
    0,
    Array.from({ length: count }, () => ({ value, scriptPubKey: OUTPUT_SCRIPT })),
  );
  // By itself it may be larger than what is relayed.
  await call("generateblock", ADDRESS, [toHex(split.bytes)]);
  const payments = Array.from({ length: count }, (_, index) => payment(idOf(split), index, value));
  return { payments, send: () => send(call, payments), mine: () => mine(call) };
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

function payment(txid: string, index: number, value: Sats): Payment {
  const note = dataOutput(new Uint8Array((index * 31) % NOTE_BYTES_MAX));
  const feerate = FEERATE_MAX ** (((index * 7919) % 1000) / 1000);
  const outputs = (fee: Sats) => [
    { value: value - fee, scriptPubKey: OUTPUT_SCRIPT },
    { value: 0n, scriptPubKey: note },
  ];
  const size = spend(txid, index, outputs(0n)).weight / 4;
  const fee = BigInt(Math.ceil(size * feerate));
  const transaction = spend(txid, index, outputs(fee));
  return { hex: toHex(transaction.bytes), txid: idOf(transaction), fee };
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
