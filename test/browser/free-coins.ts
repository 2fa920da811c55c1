import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { parseDisplayHash, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";
import { encodePsbt } from "@bitfleet/wallet/psbt/codec.ts";
import { createPsbt, withInput } from "@bitfleet/wallet/psbt/psbt.ts";

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

/** The same for a wallet to send: a PSBT in which nothing is missing. It spends the coin in equal parts, which its address gets, less the fee. */
export function freePsbt(coin: FreeCoin, partCount: number, address: string, fee: Sats): Uint8Array {
  const txid = parseDisplayHash<Txid>(coin.txid);
  const paid = decodeAddress(address, regtestNetwork().addressPrefixes);
  if (txid === undefined || "error" in paid) throw new Error(`${coin.txid} or ${address} is none`);
  const value = (coin.value - fee) / BigInt(partCount);
  const psbt = createPsbt(
    {
      version: 2,
      inputs: [
        {
          previousOutput: { txid, index: coin.index },
          scriptSig: new Uint8Array(),
          sequence: SIGNALS_REPLACEMENT,
          witness: [],
        },
      ],
      outputs: Array.from({ length: partCount }, () => ({ value, scriptPubKey: paid.script })),
      lockTime: 0,
    },
    { version: 0 },
  );
  const witnessUtxo = { value: coin.value, scriptPubKey: OUTPUT_SCRIPT };
  return encodePsbt(withInput(psbt, 0, { ...psbt.inputs[0]!, witnessUtxo, finalWitness: [OP_TRUE] }));
}
