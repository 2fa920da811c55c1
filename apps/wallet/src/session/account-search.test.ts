import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import { expect, test } from "vitest";
import type { ChainSource } from "../network/chain-source.ts";
import { AccountSearch, type SearchedSession } from "./account-search.ts";
import type { Opened } from "./opened.ts";
import { accountStateOf } from "./stored.ts";
import type { Stored, StoredWallet } from "./stored-wallets.ts";

const PHRASE = { words: `${"abandon ".repeat(11)}about`, passphrase: "" };
const { addressPrefixes: prefixes } = networkByName("regtest")!;
const BLOCK = { hash: sha256(Uint8Array.of(1)) as BlockHash, height: 100 };

/** A restored wallet behind long gaps, and a server that knows of a payment to its first address alone. */
function beginning() {
  const wallet: StoredWallet = {
    ...{ id: "w", name: "Wallet", networkId: "n", order: 0, kind: "phrase", isSearched: false, gapLimit: 30 },
    ...{ removed: [], cosigners: [] },
  };
  const network = { id: "n", name: "", url: "", apiKey: "", chain: "regtest", firstBlock: undefined };
  const stored = { networks: [network], wallets: [wallet], accounts: [], contacts: [] } as Partial<Stored> as Stored;
  const vault = { get: async () => PHRASE, list: async () => [], write: async () => {} };
  const opened = { vault, stored, found: [] } as Partial<Record<keyof Opened, unknown>> as Opened;
  const session: SearchedSession = {
    deps: { secp256k1, nowMs: () => 0, turns: { isDue: () => false, give: async () => {} } },
    opened,
    need: () => opened,
    tell: () => {},
    change: async (decide) => {
      const change = decide(opened);
      opened.stored = change.stored;
      return change;
    },
    inTurn: (work) => work(),
  };
  const context = { prefixes, secp256k1 };
  const paid = new CustodyAccount(newAccount(phraseDescriptors(PHRASE, 0, prefixes)), { signs: true }, context);
  const previousOutput = { txid: sha256(Uint8Array.of(2)) as Txid, index: 0 };
  const payment = new Transaction({
    ...{ version: 2, lockTime: 0 },
    inputs: [{ previousOutput, scriptSig: new Uint8Array(), witness: [], sequence: 0 }],
    outputs: [{ value: 1n, scriptPubKey: paid.scriptAt(1, 0)! }],
  });
  return { session, payment };
}

test("an account that is found while its search is ended keeps the kinds of addresses that were not looked at yet", async () => {
  const { session, payment } = beginning();
  const search = new AccountSearch(session);
  let [requests, ended] = [0, Promise.resolve()];
  const source = {
    protocol: "esplora",
    tip: async () => ({ hash: displayHash(BLOCK.hash), height: BLOCK.height, time: 0 }),
    history: async (_ranges, _isKnown, until) => {
      // The first part has what was paid; the second is broken off.
      if (++requests === 2) ended = search.whileEnded(async () => {});
      until.throwIfAborted();
      const place = { block: BLOCK, blockTime: 0, indexInBlock: 1 };
      return { transactions: [{ txid: payment.txid, place, seenAt: 0, fee: undefined }], knownUpTo: -1 };
    },
    transactionBytes: async () => payment.bytes,
  } as Partial<ChainSource> as ChainSource;
  search.begin("w", source, new AbortController().signal);
  await expect.poll(() => requests).toBe(2);
  await ended;
  const [account] = session.need().stored.accounts;
  expect(accountStateOf(account!.state).descriptors.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
