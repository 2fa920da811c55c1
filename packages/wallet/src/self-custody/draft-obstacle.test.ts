import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { allAtOnce } from "../steps.ts";
import { phraseDescriptors } from "./account-descriptors.ts";
import type { ProofKind } from "./confirmation-proofs.ts";
import { CustodyAccount } from "./custody-account.ts";
import { newAccount } from "./kept-account.ts";
import { type DraftPayment, draftObstacle } from "./payments.ts";

/** A payment that was prepared is confirmed some time later: what it builds on may be believed no more. */

const PHRASE = { words: `${"abandon ".repeat(11)}about`, passphrase: "" };
const { addressPrefixes: prefixes } = networkByName("regtest")!;
const BLOCK = { hash: sha256(Uint8Array.of(1)) as BlockHash, height: 100 };
const NOT_BELIEVED = "A coin of this payment came by a block that is not believed any more. Prepare it again.";

function spending(txid: Txid, value: bigint, scriptPubKey: Uint8Array): Transaction {
  const previousOutput = { txid, index: 0 };
  const inputs = [{ previousOutput, scriptSig: new Uint8Array(), witness: [], sequence: 0xfffffffd }];
  return new Transaction({ version: 2, inputs, outputs: [{ value, scriptPubKey }], lockTime: 0 });
}

/** Two payments to the account, in a block; and one of the account's own that waits, whose change comes of the first. */
function beginning() {
  const account = new CustodyAccount(
    newAccount(phraseDescriptors(PHRASE, 0, prefixes)),
    { signs: true },
    { prefixes, secp256k1 },
  );
  const [first, other] = [0, 1].map((index) =>
    spending(sha256(Uint8Array.of(9, index)) as Txid, 10_000n, account.scriptAt(1, index)!),
  ) as [Transaction, Transaction];
  const waiting = spending(first.txid, 9_000n, account.scriptAt(2, 0)!);
  const transactions = [first, other].map((transaction, at) => ({
    transaction,
    place: { block: BLOCK, blockTime: 1_700_000_000, indexInBlock: at + 1 },
    seenAt: 0,
  }));
  allAtOnce(account.takeSnapshot({ tip: BLOCK, sameUpTo: -1, transactions }, 1_700_000_000));
  account.takeCreated(waiting, {}, 1_700_000_000);
  const draftOf = ({ txid, outputs }: Transaction, replaces?: Txid): DraftPayment => ({
    fields: { version: 2, inputs: [], outputs: [], lockTime: 0 },
    coins: [{ outPoint: { txid, index: 0 }, output: outputs[0]! }],
    fee: 1_000n,
    virtualSize: 100,
    replaces,
  });
  const note = ({ txid }: Transaction, kind: ProofKind) =>
    account.noteProofs([{ txid, proof: { block: BLOCK.hash, kind } }]);
  return { account, first, other, waiting, draftOf, note };
}

describe("a coin by a block that is not believed any more", () => {
  test("is not spent by what was prepared before, until it is believed again", () => {
    const { account, first, other, draftOf, note } = beginning();
    expect(draftObstacle(account, draftOf(other))).toBeUndefined();
    note(first, "broken");
    expect(draftObstacle(account, draftOf(other))).toBeUndefined();
    note(other, "broken");
    expect(draftObstacle(account, draftOf(other))).toBe(NOT_BELIEVED);
    note(other, "alone");
    expect(draftObstacle(account, draftOf(other))).toBeUndefined();
  });

  test("nor is the change of a payment that waits and spends it", () => {
    const { account, first, waiting, draftOf, note } = beginning();
    expect(draftObstacle(account, draftOf(waiting))).toBeUndefined();
    note(first, "broken");
    expect(draftObstacle(account, draftOf(waiting))).toBe(NOT_BELIEVED);
  });

  test("but a payment that waits may get a higher fee: it spends the coin already", () => {
    const { account, first, waiting, draftOf, note } = beginning();
    note(first, "broken");
    expect(draftObstacle(account, draftOf(first, waiting.txid))).toBeUndefined();
  });
});
