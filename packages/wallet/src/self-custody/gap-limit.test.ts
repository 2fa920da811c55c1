import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { scriptKey } from "../ledger/change-set.ts";
import { allAtOnce, inTurns } from "../steps.ts";
import { GAP_LIMIT, phraseDescriptors } from "./account-descriptors.ts";
import { ADDRESSES_MAX, CustodyAccount } from "./custody-account.ts";
import { type KeptAccount, newAccount } from "./kept-account.ts";

/** How far an account looks: what is behind as many unused addresses as its gap limit is found by nobody. */

const PHRASE = { words: `${"abandon ".repeat(11)}about`, passphrase: "" };
const { addressPrefixes: prefixes } = networkByName("regtest")!;
/** To receive by taproot, and its change. */
const DESCRIPTORS = phraseDescriptors(PHRASE, 0, prefixes).slice(0, 2);
const BLOCK = { hash: sha256(Uint8Array.of(1)) as BlockHash, height: 100 };

const opened = (gapLimit?: number, kept: KeptAccount = newAccount(DESCRIPTORS)) =>
  new CustodyAccount(kept, { signs: true, gapLimit }, { prefixes, secp256k1 });

/** All that the chain has: a payment to each of these indexes of the first descriptor. */
function paymentsTo(indexes: readonly number[]): readonly Transaction[] {
  const far = opened(Math.max(...indexes) + 1);
  allAtOnce(far.widen());
  return indexes.map((index) => {
    const previousOutput = { txid: sha256(Uint8Array.of(index)) as Txid, index: 0 };
    const inputs = [{ previousOutput, scriptSig: new Uint8Array(), witness: [], sequence: 0xfffffffd }];
    const outputs = [{ value: 1_000n + BigInt(index), scriptPubKey: far.scriptAt(1, index)! }];
    return new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
  });
}

/** Looks as long as what was found brings further addresses into view. Answers the amounts that were found. */
function looked(account: CustodyAccount, chain: readonly Transaction[]): readonly bigint[] {
  const found = new Set<Transaction>();
  allAtOnce(account.widen());
  for (let next = account.ranges("new"); next.length > 0; next = account.ranges("new")) {
    const asked = new Set(next.flatMap(({ scripts }) => scripts).map(scriptKey));
    for (const one of chain) if (asked.has(scriptKey(one.outputs[0]!.scriptPubKey))) found.add(one);
    account.noteLooked(next);
    for (const one of found) account.noteUse(one);
  }
  const transactions = chain.flatMap((transaction, index) =>
    found.has(transaction)
      ? [{ transaction, place: { block: BLOCK, blockTime: 1_700_000_000, indexInBlock: index + 1 }, seenAt: 0 }]
      : [],
  );
  allAtOnce(account.takeSnapshot({ tip: BLOCK, sameUpTo: -1, transactions }, 1_700_000_000));
  return [...account.ledger.unspentCoins()].map(({ value }) => value).sort((a, b) => Number(a - b));
}

describe("funds behind a gap of thirty", () => {
  const chain = paymentsTo([0, 31, 70]);

  test("are found with a gap limit of forty, and not with twenty or thirty", () => {
    expect(looked(opened(), chain)).toEqual([1_000n]);
    expect(looked(opened(GAP_LIMIT), chain)).toEqual([1_000n]);
    expect(looked(opened(30), chain)).toEqual([1_000n]);
    // The last of them has 38 unused addresses before it.
    expect(looked(opened(31), chain)).toEqual([1_000n, 1_031n]);
    expect(looked(opened(38), chain)).toEqual([1_000n, 1_031n]);
    expect(looked(opened(40), chain)).toEqual([1_000n, 1_031n, 1_070n]);
  });

  test("are found by an account that knew only those before, when it is opened with a larger one", () => {
    const before = opened();
    looked(before, chain);
    const scripts = before.takeChanges()!.scripts;
    const kept = { ...before.state, scripts, transactions: [...before.ledger.history({ limit: 10 })] };
    const further = opened(40, kept);
    expect(further.ranges("new")).toEqual([]);
    expect(looked(further, chain)).toEqual([1_000n, 1_031n, 1_070n]);
    // A smaller one later takes nothing away.
    const changed = further.takeChanges()!.scripts;
    const wide = { ...further.state, scripts: [...scripts, ...changed], transactions: kept.transactions };
    const later = opened(GAP_LIMIT, wide);
    const spanOf = (kind: "looked" | "far") => later.ranges(kind).map(({ from, end }) => [from, end])[0];
    expect([spanOf("looked"), spanOf("far"), later.ranges("new")]).toEqual([[0, 91], [91, 111], []]);
  });
});

test("many addresses are derived in turns with others, and what is ended halfway goes on later", async () => {
  const account = opened(200);
  const ending = new AbortController();
  let turns = 0;
  const stop = () => ++turns === 3 && ending.abort(new Error("locked"));
  const widened = inTurns(account.widen(), {
    turns: { isDue: () => true, give: async () => void stop() },
    signal: ending.signal,
  });
  await expect(widened).rejects.toThrow("locked");
  expect(account.ranges("new").map(({ end }) => end)).toEqual([GAP_LIMIT + 30, GAP_LIMIT]);
  allAtOnce(account.widen());
  expect(account.ranges("new").map(({ end }) => end)).toEqual([200, 200]);
});

test("what a gap limit looks ahead is not counted with the addresses that a server may lead through", () => {
  const nextIndex = ADDRESSES_MAX - 60;
  const progress = { id: 1, nextIndex, rangeStart: 0, rangeEnd: nextIndex + GAP_LIMIT, shownIndex: 0, lookedEnd: 0 };
  // Made up: deriving all of them would take long.
  const scripts = Array.from({ length: progress.rangeEnd }, (_, index) => {
    return { script: sha256(Uint8Array.of(index >> 8, index)), descriptorId: 1, index };
  });
  const account = opened(100, { ...newAccount(DESCRIPTORS.slice(0, 1)), progress: [progress], scripts });
  allAtOnce(account.widen());
  const paying = (index: number) => ({ outputs: [{ value: 1_000n, scriptPubKey: account.scriptAt(1, index)! }] });
  expect(account.keychain.scriptCount).toBeGreaterThan(ADDRESSES_MAX);
  account.noteUse(paying(nextIndex));
  expect(() => account.noteUse(paying(nextIndex + 70))).toThrow(`more than ${ADDRESSES_MAX} addresses`);
});
