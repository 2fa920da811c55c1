import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { ScriptFlag } from "@bitfleet/protocol/script/flags.ts";
import { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { verifyInput } from "@bitfleet/protocol/script/verify.ts";
import { describe, expect, test } from "vitest";
import { psbtToBase64 } from "../psbt/codec.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { allAtOnce, inTurns, type Steps } from "../steps.ts";
import { phraseDescriptors, phraseSecrets } from "./account-descriptors.ts";
import { CustodyAccount } from "./custody-account.ts";
import { newAccount } from "./kept-account.ts";
import { type DraftPayment, psbtOfDraft, signDraft } from "./payments.ts";
import { addPhraseKeys } from "./phrase-psbt.ts";

/** Accounts of many transactions, and payments of many coins, step by step. */

const PHRASE = { words: `${"abandon ".repeat(11)}about`, passphrase: "" };
const { addressPrefixes: prefixes } = networkByName("regtest")!;
const COINS = 6;
const NOW_SECONDS = 1_700_000_000;
/** Ids of the account's descriptors to receive by: taproot, segwit, segwit in P2SH, legacy. */
const KINDS = [1, 3, 5, 7] as const;
const hash = (...bytes: number[]) => sha256(Uint8Array.from(bytes));
const input = (txid: Txid) => ({
  previousOutput: { txid, index: 0 },
  scriptSig: new Uint8Array(),
  witness: [],
  sequence: 0xfffffffd,
});

/** The curve, with how often it is asked for what. */
function counted() {
  const counts = new Map<string, number>();
  const counting =
    <Given extends readonly unknown[], Answer>(name: string, ask: (...given: Given) => Answer) =>
    (...given: Given) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return ask(...given);
    };
  const { publicKeyOf, tweakXOnly } = portableSecp256k1;
  const secp256k1: Secp256k1 = {
    ...portableSecp256k1,
    publicKeyOf: counting("publicKeyOf", publicKeyOf),
    tweakXOnly: counting("tweakXOnly", tweakXOnly),
  };
  return { secp256k1, counts };
}

/** An account with some coins of each kind of address, which has not heard of them. */
function beginning(secp256k1: Secp256k1) {
  const context = { prefixes, secp256k1 };
  const account = new CustodyAccount(newAccount(phraseDescriptors(PHRASE, 0, prefixes)), { signs: true }, context);
  const received = KINDS.flatMap((id) =>
    Array.from({ length: COINS }, (_, index) => {
      const outputs = [{ value: 10_000n, scriptPubKey: account.scriptAt(id, index)! }];
      return new Transaction({ version: 2, inputs: [input(hash(id, index) as Txid)], outputs, lockTime: 0 });
    }),
  );
  const block = { hash: hash(1) as BlockHash, height: 100 };
  const transactions = received.map((transaction, index) => ({
    transaction,
    place: { block, blockTime: 1_700_000_000, indexInBlock: index + 1 },
    seenAt: 0,
  }));
  return { account, context, received, snapshot: { tip: block, sameUpTo: -1, transactions } };
}

/** The same when it has, with a payment of all of them. */
function prepared(secp256k1: Secp256k1 = portableSecp256k1) {
  const { account, context, received, snapshot } = beginning(secp256k1);
  allAtOnce(account.takeSnapshot(snapshot, NOW_SECONDS));
  const coins = received.map(({ txid, outputs }) => ({ outPoint: { txid, index: 0 }, output: outputs[0]! }));
  const fields = {
    version: 2,
    inputs: coins.map(({ outPoint }) => input(outPoint.txid)),
    outputs: [{ value: 5_000n, scriptPubKey: account.scriptAt(2, 0)! }],
    lockTime: 0,
  };
  const draft: DraftPayment = { fields, coins, fee: 235_000n, virtualSize: 2_000, replaces: undefined };
  const secrets = () => phraseSecrets(PHRASE, 0, context);
  return { account, draft, context, secrets };
}

/** Others have their turn behind each step. */
const eachStep = (onTurn: () => unknown = () => {}) => ({ isDue: () => true, give: async () => void onTurn() });

describe("what a server tells of many transactions", () => {
  test("is taken in with a turn for others behind each, the same as at once", async () => {
    const { account, received, snapshot } = beginning(portableSecp256k1);
    let turns = 0;
    await inTurns(account.takeSnapshot(snapshot, NOW_SECONDS), { turns: eachStep(() => turns++) });
    expect(turns).toBe(received.length);
    expect(account.ledger.snapshot()).toEqual(prepared().account.ledger.snapshot());
  });

  test("changes nothing where it is ended before its end", async () => {
    const { account, snapshot } = beginning(portableSecp256k1);
    const before = account.ledger.snapshot();
    const ending = new AbortController();
    let turns = 0;
    const stop = eachStep(() => ++turns === COINS && ending.abort(new Error("locked")));
    const taken = inTurns(account.takeSnapshot(snapshot, NOW_SECONDS), { turns: stop, signal: ending.signal });
    await expect(taken).rejects.toThrow("locked");
    expect(account.ledger.snapshot()).toEqual(before);
    expect(account.tipHeight).toBe(-1);
  });
});

describe("a payment of many coins", () => {
  test("is signed with a turn for others behind each, byte for byte as at once, and valid", async () => {
    const { account, draft, secrets } = prepared();
    let turns = 0;
    const signed = await inTurns(signDraft(account, draft, secrets()), { turns: eachStep(() => turns++) });
    expect(turns).toBe(draft.coins.length);
    expect(toHex(signed.bytes)).toBe(toHex(allAtOnce(signDraft(account, draft, secrets())).bytes));
    const cache = new SighashCache(
      signed,
      draft.coins.map(({ output }) => output),
    );
    const flags = ScriptFlag.P2SH | ScriptFlag.WITNESS | ScriptFlag.TAPROOT;
    for (const index of draft.coins.keys())
      expect(verifyInput(signed, index, cache, flags, portableSecp256k1)).toBeUndefined();
  });

  test("derives what its coins have in common once", () => {
    const { secp256k1, counts } = counted();
    const { account, draft, secrets } = prepared(secp256k1);
    const keys = secrets();
    counts.clear();
    allAtOnce(signDraft(account, draft, keys));
    // One step of derivation for each coin, and one for each kind.
    expect(counts.get("publicKeyOf")).toBe(draft.coins.length + KINDS.length);
  });

  test("of which a key is wiped as soon as its coin is signed, and the keys that they come from with who asks", () => {
    const { account, draft, secrets } = prepared();
    const keys = secrets();
    const [root] = [...keys.privateKeys.values()];
    const parents: Uint8Array[] = [];
    const parentOf = keys.parentOf.bind(keys);
    keys.parentOf = (...given) => {
      const parent = parentOf(...given);
      if (parent?.privateKey !== undefined) parents.push(parent.privateKey);
      return parent;
    };
    const handed: Uint8Array[] = [];
    const materialFor = account.keychain.materialFor.bind(account.keychain);
    account.keychain.materialFor = (...given) => {
      const material = materialFor(...given);
      for (const { privateKey } of material?.privateKeys.values() ?? []) handed.push(privateKey);
      return material;
    };
    const isWiped = (key: Uint8Array) => key.every((byte) => byte === 0);
    const steps: Steps<Transaction> = signDraft(account, draft, keys);
    steps.next();
    expect(handed).toHaveLength(1);
    expect(isWiped(handed[0]!)).toBe(true);
    expect(isWiped(parents[0]!) || isWiped(root!.privateKey)).toBe(false);
    steps.return(undefined as never);
    keys.wipe();
    expect(parents.every(isWiped) && isWiped(root!.privateKey)).toBe(true);
  });

  test("asks for its private keys again after they were wiped, and finds none", () => {
    const { account, draft, secrets } = prepared();
    const keys = secrets();
    const steps = signDraft(account, draft, keys);
    steps.next();
    keys.wipe();
    expect(() => allAtOnce(steps)).toThrow("keys do not suffice");
  });

  test("becomes a PSBT in turns, which looks for no other owner of keys that are known", async () => {
    const { secp256k1, counts } = counted();
    const { account, draft } = prepared(secp256k1);
    const first = psbtToBase64(allAtOnce(psbtOfDraft(account, draft)));
    counts.clear();
    let turns = 0;
    const psbt = await inTurns(psbtOfDraft(account, draft), { turns: eachStep(() => turns++) });
    expect(turns).toBe(draft.coins.length);
    expect(psbtToBase64(psbt)).toBe(first);
    expect(counts.get("tweakXOnly") ?? 0).toBe(0);
  });

  test("has its keys by the phrase that its PSBT names, whose common path is derived once", () => {
    const { secp256k1, counts } = counted();
    const { account, draft, context } = prepared(secp256k1);
    const psbt = allAtOnce(psbtOfDraft(account, draft));
    const found = new SigningMaterial();
    counts.clear();
    allAtOnce(addPhraseKeys(psbt, PHRASE, found, context));
    expect(found.privateKeys.size).toBe(draft.coins.length);
    // Of each kind four steps that its coins have in common, of which the last says whether it is for change.
    expect(counts.get("publicKeyOf")).toBe(draft.coins.length + KINDS.length * 4);
  });
});
