import type { EventFields } from "@bitfleet/api/events.ts";
import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { type AddressPrefixes, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { scriptHashOf } from "./topic-set.ts";

const OP_RETURN = 0x6a;

/** An output script that a transaction pays to or spends from. */
export interface TouchedScript {
  readonly scriptHash: string;
  readonly script: Uint8Array;
  readonly received: Sats;
  readonly spent: Sats;
}

/**
 * The scripts that a transaction touches, each once, in the order in which inputs and then outputs name them: the same on every
 * server. `spent` are the outputs that it spends, in input order; those that are not known are left out, and so is what nobody
 * can spend.
 */
export function touchedScripts(tx: Transaction, spent: readonly (TxOutput | undefined)[]): readonly TouchedScript[] {
  const sums = new Map<string, { script: Uint8Array; received: Sats; spent: Sats }>();
  const sumOf = (script: Uint8Array) => {
    const key = Buffer.from(script).toString("latin1");
    let sum = sums.get(key);
    if (sum === undefined) {
      // A copy: what it is a view of may be a whole block.
      sum = { script: script.slice(), received: 0n, spent: 0n };
      sums.set(key, sum);
    }
    return sum;
  };
  for (const output of spent) if (output !== undefined) sumOf(output.scriptPubKey).spent += output.value;
  for (const { scriptPubKey, value } of tx.outputs) {
    if (scriptPubKey[0] !== OP_RETURN) sumOf(scriptPubKey).received += value;
  }
  return [...sums.values()].map((sum) => ({ ...sum, scriptHash: scriptHashOf(sum.script) }));
}

/** What events of an address tell of a transaction. */
export function touchedFields(
  txid: string,
  { script, scriptHash, received, spent }: TouchedScript,
  prefixes: AddressPrefixes,
): EventFields<"address-seen"> {
  return {
    address: encodeAddress(script, prefixes) ?? null,
    scripthash: scriptHash,
    txid,
    received: Number(received),
    spent: Number(spent),
  };
}
