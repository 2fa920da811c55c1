import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, displayHash, type HashKey, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { scriptKey } from "@bitfleet/wallet/ledger/change-set.ts";
import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import { allAtOnce } from "@bitfleet/wallet/steps.ts";
import { describe, expect, test } from "vitest";
import type { ChainSource } from "../network/chain-source.ts";
import { FAR_OF_A_LOOK, look } from "./look.ts";

/** Which addresses a look asks for, of an account that looks behind long gaps. What answers mean is tried with real servers in the functional tests. */

const PHRASE = { words: `${"abandon ".repeat(11)}about`, passphrase: "" };
const { addressPrefixes: prefixes } = networkByName("regtest")!;
const DESCRIPTORS = phraseDescriptors(PHRASE, 0, prefixes).slice(0, 2);
const BLOCK = { hash: sha256(Uint8Array.of(1)) as BlockHash, height: 100 };
const GAP = 150;

/** An account of two descriptors, and a server that knows of payments to it. `asked`: how many scripts each look asked for. */
function beginning(protocol: ChainSource["protocol"]) {
  const account = new CustodyAccount(newAccount(DESCRIPTORS), { signs: true, gapLimit: GAP }, { prefixes, secp256k1 });
  const chain: Transaction[] = [];
  const asked: number[] = [];
  let onAsked = () => {};
  const source = {
    protocol,
    tip: async () => ({ hash: displayHash(BLOCK.hash), height: BLOCK.height, time: 0 }),
    history: async (ranges, _isKnown, until) => {
      onAsked();
      until.throwIfAborted();
      const keys = new Set(ranges.flatMap(({ scripts }) => scripts).map(scriptKey));
      asked[asked.length - 1]! += keys.size;
      const transactions = chain
        .filter(({ outputs }) => keys.has(scriptKey(outputs[0]!.scriptPubKey)))
        .map(({ txid }) => ({
          txid,
          place: { block: BLOCK, blockTime: 0, indexInBlock: 1 },
          seenAt: 0,
          fee: undefined,
        }));
      return { transactions, knownUpTo: -1 };
    },
    transactionBytes: async ({ txid }) => byId.get(hashKey(txid))!.bytes,
  } as Partial<ChainSource> as ChainSource;
  const byId = new Map<HashKey, Transaction>();
  return {
    account,
    asked,
    /** Whatever the server is asked from now on calls this. */
    onAsked: (listener: () => void) => {
      onAsked = listener;
    },
    pay: (id: number, index: number) => {
      const previousOutput = { txid: sha256(Uint8Array.of(id, index)) as Txid, index: 0 };
      const inputs = [{ previousOutput, scriptSig: new Uint8Array(), witness: [], sequence: 0 }];
      const outputs = [{ value: BigInt(index), scriptPubKey: account.scriptAt(id, index)! }];
      const transaction = new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
      chain.push(transaction);
      byId.set(hashKey(transaction.txid), transaction);
    },
    /** Answers the amounts that are known then. */
    look: async (enough?: AbortSignal, signal = new AbortController().signal, isSearch = false) => {
      asked.push(0);
      allAtOnce(account.widen());
      const seen = await look(account, source, signal, { enough, isSearch });
      account.noteLooked(seen.ranges, seen.farNext);
      allAtOnce(account.takeSnapshot(seen.snapshot, 0));
      return [...account.ledger.unspentCoins()].map(({ value }) => Number(value)).sort((a, b) => a - b);
    },
  };
}

describe("addresses far behind the last used one", () => {
  test("are asked for a hundred a look where each is a request, and all have their turn", async () => {
    const { account, asked, look, pay } = beginning("esplora");
    await look();
    expect(asked).toEqual([2 * GAP]);
    await look();
    expect(asked.at(-1)).toBe(40 + FAR_OF_A_LOOK);
    pay(2, 149);
    const rounds = Math.ceil((2 * (GAP - 20)) / FAR_OF_A_LOOK);
    let found: readonly number[] = [];
    for (let round = 0; round < rounds && found.length === 0; round++) found = await look();
    expect(found).toEqual([149]);
    // Those before it are near now, and were asked for again at once.
    expect(account.ranges("looked").map(({ end }) => end)).toEqual([20, 170]);
  });

  test("and what was paid meanwhile to those that came near by that is found with it", async () => {
    const { look, pay } = beginning("esplora");
    await look();
    await look();
    // Of the first descriptor, whose turn is over.
    pay(1, 60);
    pay(2, 130);
    pay(2, 45);
    let found: readonly number[] = [];
    for (let round = 0; round < 6 && found.length < 3; round++) found = await look();
    expect(found).toEqual([45, 60, 130]);
  });

  test("are all asked for by a search, which says what it has found", async () => {
    const { asked, look, pay } = beginning("esplora");
    await look();
    pay(2, 149);
    expect(await look(undefined, undefined, true)).toEqual([149]);
    expect(asked.at(-1)).toBe(2 * GAP + 150);
  });

  test("are all asked for each time where that is few requests", async () => {
    const { asked, look, pay } = beginning("watch");
    await look();
    pay(2, 149);
    expect(await look()).toEqual([149]);
    expect(asked[0]).toBe(2 * GAP);
    await look();
    expect(asked.at(-1)).toBe(2 * GAP + 150);
  });
});

describe("a search that is to end", () => {
  test("asks for nothing more, and what it has found is kept", async () => {
    const { account, asked, look, onAsked, pay } = beginning("esplora");
    allAtOnce(account.widen());
    for (const index of [3, 110]) pay(1, index);
    pay(2, 149);
    const ending = new AbortController();
    let requests = 0;
    // The first part has 200 addresses, the second is broken off.
    onAsked(() => ++requests === 2 && ending.abort());
    expect(await look(ending.signal)).toEqual([3, 110]);
    expect([asked, requests]).toEqual([[200], 2]);
    expect(account.ranges("looked").map(({ end }) => end)).toEqual([131, 20]);
    // The others are new still.
    onAsked(() => {});
    expect(await look()).toEqual([3, 110, 149]);
  });

  test("is broken off all the same where the wallet is locked: nothing of it is taken", async () => {
    const { account, look, onAsked } = beginning("esplora");
    const [ending, locking] = [new AbortController(), new AbortController()];
    onAsked(() => {
      ending.abort();
      locking.abort(new Error("locked"));
    });
    await expect(look(ending.signal, locking.signal)).rejects.toThrow("locked");
    expect(account.ranges("looked")).toEqual([]);
  });
});
