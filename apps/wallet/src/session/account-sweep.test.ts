import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { encodeWif } from "@bitfleet/protocol/script/address.ts";
import { allAtOnce } from "@bitfleet/wallet/steps.ts";
import { describe, expect, test } from "vitest";
import { type ChainSource, SourceProblem, tooManyTransactions } from "../network/chain-source.ts";
import { keyProblem, keySweep, type SweepDependencies } from "./account-sweep.ts";

const { addressPrefixes: prefixes } = networkByName("regtest")!;
const context = { prefixes, secp256k1: nobleSecp256k1 };
const WIF = encodeWif({ privateKey: new Uint8Array(32).fill(7), compressed: true }, prefixes);
const NEVER = new AbortController().signal;
const TIP = { hash: "11".repeat(32), height: 5, time: 1 };

/** A server that answers for the key's scripts as it is told, and for nothing else. */
function sourceOf(scriptHistory: ChainSource["scriptHistory"]): ChainSource {
  return { tip: async () => TIP, scriptHistory } as Partial<ChainSource> as ChainSource;
}

function depsOf(source: ChainSource | undefined, signal: AbortSignal = NEVER): SweepDependencies {
  return {
    context: () => ({ keeper: { custody: { context } }, contacts: [] }) as never,
    payments: { facts: async () => ({}) } as never,
    source: () => source,
    lead: async (steps) => allAtOnce(steps),
    nowMs: () => 1_700_000_000_000,
    signal,
  };
}

/** A key whose segwit address has a coin in no block yet. */
function withOneCoin(signal?: AbortSignal): SweepDependencies {
  let paid: Transaction | undefined;
  const source: ChainSource = {
    ...sourceOf(async (scripts) => {
      const input = {
        previousOutput: { txid: new Uint8Array(32).fill(3) as Txid, index: 0 },
        sequence: 0,
        witness: [],
      };
      const outputs = [{ value: 5_000n, scriptPubKey: scripts[1]! }];
      paid = new Transaction({ version: 2, inputs: [{ ...input, scriptSig: new Uint8Array() }], outputs, lockTime: 0 });
      return {
        transactions: [{ txid: paid.txid, place: undefined, seenAt: 0, fee: undefined }],
        knownUpTo: -1,
      };
    }),
    transactionBytes: async ({ txid }) => {
      if (displayHash(txid) !== displayHash(paid!.txid)) throw new Error("another one");
      return paid!.bytes;
    },
  };
  return depsOf(source, signal);
}

describe("a key is not swept, and a sentence says why,", () => {
  test("where it is none", async () => {
    expect(await keySweep("hello", depsOf(undefined), NEVER)).toEqual({
      error: expect.stringMatching(/no private key in wallet import format/),
    });
  });

  test("where the network is not reached", async () => {
    expect(await keySweep(WIF, depsOf(undefined), NEVER)).toEqual({
      error: expect.stringMatching(/^The network is not reached/),
    });
  });

  test("where the server does not answer", async () => {
    const source = sourceOf(async () => Promise.reject(new SourceProblem("offline", "The server does not answer.")));
    expect(await keySweep(WIF, depsOf(source), NEVER)).toEqual({ error: "The server does not answer." });
  });

  test("where it has more transactions than there is room for", async () => {
    const source = sourceOf(async () => Promise.reject(tooManyTransactions()));
    expect(await keySweep(WIF, depsOf(source), NEVER)).toEqual({
      error: expect.stringMatching(/^The addresses of this key have more transactions than this app can hold/),
    });
  });

  test("where nobody ever paid it", async () => {
    const asked: number[] = [];
    const source = sourceOf(async (scripts) => {
      asked.push(scripts.length);
      return { transactions: [], knownUpTo: -1 };
    });
    expect(await keySweep(WIF, depsOf(source), NEVER)).toEqual({ error: expect.stringMatching(/none was ever paid/) });
    expect(asked).toEqual([5]);
  });
});

test("nothing else than these is taken for a server's answer: a mistake of the program is told as one", async () => {
  const source = sourceOf(async () => Promise.reject(new TypeError("a mistake")));
  await expect(keySweep(WIF, depsOf(source), NEVER)).rejects.toThrow("a mistake");
});

test("a search that nobody waits for any more ends", async () => {
  const ending = new AbortController();
  const source = sourceOf(async (_scripts, signal) => {
    ending.abort(new Error("the page is gone"));
    signal.throwIfAborted();
    return { transactions: [], knownUpTo: -1 };
  });
  await expect(keySweep(WIF, depsOf(source), ending.signal)).rejects.toThrow("the page is gone");
});

describe("a key that was found", () => {
  const ENDED = { error: expect.stringMatching(/not here any more/) };

  async function found(signal?: AbortSignal) {
    const sweep = await keySweep(WIF, withOneCoin(signal), NEVER);
    if ("error" in sweep) throw new Error(sweep.error);
    expect(sweep.found).toMatchObject([{ kind: "p2wpkh", waiting: { count: 1, sats: 5_000n } }]);
    return sweep;
  }

  test("is gone when the wallet is locked", async () => {
    const locking = new AbortController();
    const sweep = await found(locking.signal);
    locking.abort(new Error("locked"));
    expect(await sweep.prepare(1_000n, "bech32m")).toEqual(ENDED);
    expect(await sweep.lookAgain(NEVER)).toEqual(ENDED);
  });

  test("is gone with its page", async () => {
    const sweep = await found();
    sweep.end();
    expect(await sweep.prepare(1_000n, "bech32m")).toEqual(ENDED);
    await expect(sweep.confirm({} as never)).rejects.toThrow("not here any more");
  });

  test("is looked up again in another one's place", async () => {
    const sweep = await found();
    const next = await sweep.lookAgain(NEVER);
    expect(next).toMatchObject({ found: [{ kind: "p2wpkh" }] });
    expect(await sweep.prepare(1_000n, "bech32m")).toEqual(ENDED);
  });
});

test("what is wrong with a key is said before anybody is asked", () => {
  const custody = { context } as Parameters<typeof keyProblem>[1];
  expect(keyProblem(WIF, custody)).toBeUndefined();
  expect(keyProblem(`${WIF.slice(0, -1)}1`, custody)).toMatch(/checksum/);
  expect(keyProblem("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", custody)).toMatch(/^This is an address/);
});
