import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { parseDisplayHash, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";

const OP_TRUE = Uint8Array.of(0x51);
const OUTPUT_SCRIPT = payToWitnessScriptHash(sha256(OP_TRUE));
/** BIP125. */
const SIGNALS_REPLACEMENT = 0xfffffffd;

/** An output that anyone may spend: of `ANYONE_CAN_SPEND`, as the coinbases of these tests are. */
export interface FreeCoin {
  readonly txid: string;
  readonly index: number;
  readonly value: Sats;
}

export interface FreeTransaction {
  readonly hex: string;
  readonly txid: string;
  readonly coins: readonly FreeCoin[];
}

/** Spends the coins in so many equal parts (the first takes what is left over), less the fee. */
export function spendFreely(coins: readonly FreeCoin[], partCount: number, fee: Sats): FreeTransaction {
  const total = coins.reduce((sum, coin) => sum + coin.value, 0n) - fee;
  const part = total / BigInt(partCount);
  const values = Array.from({ length: partCount }, (_, index) =>
    index === 0 ? total - part * BigInt(partCount - 1) : part,
  );
  const transaction = new Transaction({
    version: 2,
    inputs: coins.map(({ txid, index }) => {
      const previousTxid = parseDisplayHash<Txid>(txid);
      if (previousTxid === undefined) throw new Error(`${txid} is no txid`);
      return {
        previousOutput: { txid: previousTxid, index },
        scriptSig: new Uint8Array(),
        sequence: SIGNALS_REPLACEMENT,
        witness: [OP_TRUE],
      };
    }),
    outputs: values.map((value) => ({ value, scriptPubKey: OUTPUT_SCRIPT })),
    lockTime: 0,
  });
  const txid = toHex(transaction.txid.toReversed());
  return { hex: toHex(transaction.bytes), txid, coins: values.map((value, index) => ({ txid, index, value })) };
}
