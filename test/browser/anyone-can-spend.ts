import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { parseDisplayHash, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { dataOutput, payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";

const OP_TRUE = Uint8Array.of(0x51);
const OUTPUT_SCRIPT = payToWitnessScriptHash(sha256(OP_TRUE));

/** A P2WSH address whose coins need no signature, so that these tests need no wallet. */
export const ANYONE_CAN_SPEND: string = encodeAddress(OUTPUT_SCRIPT, regtestNetwork().addressPrefixes) ?? "";

/**
 * A transaction in hex that spends output 0 of `txid`, worth `value`, in two equal parts and a note, and leaves `fee`. With a needless
 * item in the witness its script fails.
 */
export function spendInTwo(
  txid: string,
  value: Sats,
  fee: Sats,
  hasNeedlessItem = false,
): { readonly hex: string; readonly txid: string } {
  const previousTxid = parseDisplayHash<Txid>(txid);
  if (previousTxid === undefined) throw new Error(`${txid} is no txid`);
  const half = (value - fee) / 2n;
  const transaction = new Transaction({
    version: 2,
    inputs: [
      {
        previousOutput: { txid: previousTxid, index: 0 },
        scriptSig: new Uint8Array(),
        sequence: 0xfffffffd,
        witness: hasNeedlessItem ? [OP_TRUE, OP_TRUE] : [OP_TRUE],
      },
    ],
    outputs: [
      { value: half, scriptPubKey: OUTPUT_SCRIPT },
      { value: value - fee - half, scriptPubKey: OUTPUT_SCRIPT },
      { value: 0n, scriptPubKey: dataOutput(new TextEncoder().encode("hello")) },
    ],
    lockTime: 0,
  });
  return { hex: toHex(transaction.bytes), txid: toHex(transaction.txid.toReversed()) };
}
