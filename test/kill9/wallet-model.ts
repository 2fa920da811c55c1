import type { Txid, Wtxid } from "@bitfleet/protocol/primitives/types.ts";
import { type ChangeSet, EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import { hashOf } from "@bitfleet/wallet/ledger/store-test-kit.ts";

/** What `wallet-writes.ts` writes, and says of it. */

export const NETWORK_MAGIC = 0xfabfb5da;

export type WalletWrite =
  | { readonly kind: "open" }
  | { readonly kind: "ledger"; readonly number: number }
  | { readonly kind: "secret"; readonly number: number }
  | { readonly kind: "passphrase-begins"; readonly passphrase: string }
  | { readonly kind: "passphrase"; readonly passphrase: string };

/** A change set in which every row depends on the number. */
export function changesOf(number: number): ChangeSet {
  const txid = hashOf(`txid ${number}`) as Txid;
  const script = hashOf(`script ${number}`);
  const owner = { descriptorId: 1, index: number };
  return {
    ...EMPTY_CHANGE_SET,
    transactions: [
      {
        txid,
        wtxid: hashOf(`wtxid ${number}`) as Wtxid,
        bytes: new Uint8Array(100 + (number % 4000)).fill(number),
        isCoinbase: false,
        isFromMe: false,
        orderPosition: number,
        timeReceived: number,
        timeSmart: number,
        state: { kind: "in-mempool" },
        notes: {},
        mempoolConflicts: [],
        trucChildInMempool: undefined,
      },
    ],
    coins: [
      {
        ...owner,
        outPoint: { txid, index: 0 },
        value: BigInt(number),
        script,
        isCoinbase: false,
        height: undefined,
        spentHeight: undefined,
        isFromMe: false,
        time: number,
      },
    ],
    scripts: [{ ...owner, script }],
    addressBook: [{ script, label: `label ${number}`, purpose: "receive", isUsed: false }],
  };
}

export function secretIdOf(number: number): Uint8Array {
  return hashOf(`id ${number}`).subarray(0, 20);
}

export function secretOf(number: number): Uint8Array {
  return hashOf(`secret ${number}`);
}
