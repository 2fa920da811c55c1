import { expect } from "vitest";
import type { TestNode } from "./test-node.ts";

/** What a wallet must hold by the coins of the chain and the transactions of the mempool alone, in satoshis. */

interface Described {
  readonly desc: string;
  readonly range?: readonly [number, number];
}

interface Unspents {
  readonly unspents: readonly { readonly txid: string; readonly vout: number; readonly amount: number }[];
}

interface Decoded {
  readonly vin: readonly { readonly txid: string; readonly vout: number }[];
  readonly vout: readonly {
    readonly value: number;
    readonly n: number;
    readonly scriptPubKey: { readonly address?: string };
  }[];
}

interface Balances {
  readonly mine: {
    readonly trusted: number;
    readonly untrusted_pending: number;
    readonly immature: number;
    readonly nonmempool: number;
  };
  readonly lastprocessedblock: { readonly hash: string };
}

const sats = (amount: number) => Math.round(amount * 1e8);

/** Holds a wallet's balances against the UTXO set, and against what waits. */
export async function compareBalances(node: TestNode, wallet: string): Promise<void> {
  const { descriptors } = await node.callWallet<{ descriptors: readonly Described[] }>(wallet, "listdescriptors");
  const scanned = descriptors.map(({ desc, range }) => (range === undefined ? desc : { desc, range: range[1] }));
  const { unspents } = await node.call<Unspents>("scantxoutset", "start", scanned);
  const coins = new Map(unspents.map(({ txid, vout, amount }) => [`${txid}:${vout}`, sats(amount)]));
  const addresses = await addressesOf(node, descriptors);
  const waiting = await Promise.all(
    (await node.call<readonly string[]>("getrawmempool")).map(async (txid) => ({
      txid,
      ...(await node.call<Decoded>("getrawtransaction", txid, 1)),
    })),
  );
  for (const { txid, vout } of waiting) {
    for (const { n, value, scriptPubKey } of vout) {
      if (addresses.has(scriptPubKey.address ?? "")) coins.set(`${txid}:${n}`, sats(value));
    }
  }
  for (const { vin } of waiting) for (const { txid, vout } of vin) coins.delete(`${txid}:${vout}`);
  const expected = [...coins.values()].reduce((sum, value) => sum + value, 0);
  const { mine, lastprocessedblock } = await node.callWallet<Balances>(wallet, "getbalances");
  expect(lastprocessedblock.hash).toBe(await node.call("getbestblockhash"));
  const held = sats(mine.trusted) + sats(mine.untrusted_pending) + sats(mine.immature);
  expect({ wallet, held }, JSON.stringify(mine)).toEqual({ wallet, held: expected });
}

async function addressesOf(node: TestNode, descriptors: readonly Described[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { desc, range } of descriptors) {
    const args = range === undefined ? [desc] : [desc, range];
    for (const address of await node.call<readonly string[]>("deriveaddresses", ...args)) found.add(address);
  }
  return found;
}
