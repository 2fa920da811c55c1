import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { bitsFromTarget, checkProofOfWork } from "@bitfleet/protocol/consensus/pow.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { BlockHeader, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { merkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import { merkleBranch } from "@bitfleet/protocol/primitives/merkle-branch.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type MerkleRoot, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import type { ProofStanding } from "@bitfleet/wallet/self-custody/confirmation-proofs.ts";
import { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import { allAtOnce } from "@bitfleet/wallet/steps.ts";
import { describe, expect, test } from "vitest";
import { type ChainSource, SourceProblem } from "../network/chain-source.ts";
import { AccountKeeper } from "./account-keeper.ts";
import { AGAIN_MS } from "./proof-order.ts";
import { PROOFS_OF_A_TURN, Prover } from "./prover.ts";

/** In which order, how many at once, and until when a server is asked. What it shows is tried with a real one in the functional tests. */

const { params, addressPrefixes: prefixes } = networkByName("regtest")!;
const BITS = bitsFromTarget(params.powLimit);
const PHRASE = { words: `${"abandon ".repeat(11)}about`, passphrase: "" };
const { signal } = new AbortController();

function paying(script: Uint8Array, seed: number, spends?: Transaction): Transaction {
  const txid = spends?.txid ?? (new Uint8Array(32).fill(seed % 251) as Txid);
  const input = { previousOutput: { txid, index: 0 }, scriptSig: new Uint8Array(2), sequence: seed, witness: [] };
  return new Transaction({
    version: 2,
    inputs: [input],
    outputs: [{ value: 1_000n, scriptPubKey: script }],
    lockTime: 0,
  });
}

/** Blocks of one transaction of the account each, and one upon them; the last one spends the coin of the one before. */
function chainOf(count: number, account: CustodyAccount) {
  const script = account.scriptAt(1, 0)!;
  const transactions: Transaction[] = [];
  const headers: BlockHeader[] = [params.genesis.header];
  for (let at = 0; at <= count; at++) {
    const one = paying(script, at, at === count - 1 ? transactions[at - 1] : undefined);
    transactions.push(one);
    const root = merkleRoot([params.genesis.transactions[0]!.txid, one.txid]).root;
    headers.push(minedUpon(headers[at]!, root, at));
  }
  return { transactions: transactions.slice(0, count), headers };
}

function minedUpon({ hash: previousBlockHash }: BlockHeader, merkleRoot: MerkleRoot, time: number): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    const header = new BlockHeader({ version: 4, previousBlockHash, merkleRoot, time, bits: BITS, nonce });
    if (checkProofOfWork(header.hash, BITS, params)) return header;
  }
}

/** An account with `count` transactions, each in a block of its own, and a server that shows all of them. */
function beginning(count: number) {
  const context = { prefixes, secp256k1: portableSecp256k1 };
  const custody = new CustodyAccount(newAccount(phraseDescriptors(PHRASE, 0, prefixes)), { signs: true }, context);
  const { transactions, headers } = chainOf(count, custody);
  let tip = { hash: headers.at(-1)!.hash, height: headers.length - 1 };
  const heights = new Map(transactions.map(({ txid }, at) => [displayHash(txid), at + 1]));
  const taken = transactions.map((transaction, at) => ({
    transaction,
    place: { block: { hash: headers[at + 1]!.hash, height: at + 1 }, blockTime: at, indexInBlock: 1 },
    seenAt: 0,
  }));
  allAtOnce(custody.takeSnapshot({ tip, sameUpTo: -1, transactions: taken }, 1_700_000_000));
  const stored = { id: "a", walletId: "w", name: "", index: 0, total: 0n, state: {} } as never;
  const keeper = AccountKeeper.begin(stored, { write: async () => {} }, custody);

  const asked = { branches: [] as string[], headers: 0, most: 0 };
  let atOnce = 0;
  const answers = {
    branch: async (txid: Txid) => {
      const name = displayHash(txid);
      asked.branches.push(name);
      asked.most = Math.max(asked.most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 0));
      atOnce--;
      const branch = merkleBranch([params.genesis.transactions[0]!.txid, txid], 1);
      return { kind: "branch", index: 1, branch } as const;
    },
    txids: async () => undefined,
    header: async (hash: Uint8Array) => {
      const header = headers.find((one) => equalBytes(one.hash, hash));
      return header && encodeBlockHeader(header);
    },
    headersDown: async (height: number) => {
      asked.headers++;
      return [encodeBlockHeader(headers[height]!)];
    },
  };
  const source = (proofs: Partial<ChainSource["proofs"]> = {}) =>
    ({
      protocol: "esplora",
      tip: async () => ({ hash: displayHash(tip.hash), height: tip.height, time: 0 }),
      blockHash: async (height: number) => displayHash(headers[height]!.hash),
      proofs: { ...answers, ...proofs },
    }) as unknown as ChainSource;
  const txidsOf = (hash: Uint8Array) => {
    const at = headers.findIndex((one) => equalBytes(one.hash, hash));
    return [params.genesis.transactions[0]!.txid, transactions[at - 1]!.txid];
  };
  /** One more block, of nothing, which the account is told of. */
  const grow = () => {
    headers.push(minedUpon(headers.at(-1)!, params.genesis.header.merkleRoot, headers.length));
    const sameUpTo = tip.height;
    tip = { hash: headers.at(-1)!.hash, height: sameUpTo + 1 };
    allAtOnce(custody.takeSnapshot({ tip, sameUpTo, transactions: [] }, 1_700_000_000));
  };
  const changes: number[] = [];
  const clock = { ms: 0 };
  const standings = () => {
    const counts: Partial<Record<ProofStanding, number>> = {};
    for (const record of custody.ledger.transactionsSince(0)) {
      const standing = custody.proofs.of(record)!;
      counts[standing] = (counts[standing] ?? 0) + 1;
    }
    return counts;
  };
  const prover = (turnPauseMs: number) =>
    new Prover({
      ...{ keeper, params, turnPauseMs, nowMs: () => clock.ms },
      exclusively: (work) => work(),
      onChanged: () => changes.push(asked.branches.length),
    });
  return { asked, changes, clock, custody, grow, headers, heights, prover, source, standings, txidsOf };
}

/** Nothing is asked any more. */
async function settled(asked: { readonly branches: readonly string[] }): Promise<void> {
  let before = -1;
  await expect
    .poll(() => {
      const isSame = asked.branches.length === before;
      before = asked.branches.length;
      return isSame && before > 0;
    })
    .toBe(true);
}

const LONG_MS = 1_000_000;

describe("a server is asked in turns", () => {
  test("of so many transactions each, two at once: first those with coins, the newest first, at last all", async () => {
    const { asked, changes, heights, prover, source, standings } = beginning(2 * PROOFS_OF_A_TURN + 5);
    const [one, server] = [prover(1), source()];
    one.begin(server, signal);
    // Asked again meanwhile, it does not begin anew.
    one.begin(server, signal);
    await expect.poll(() => standings().linked).toBe(2 * PROOFS_OF_A_TURN + 5);
    const order = asked.branches.map((name) => heights.get(name)!);
    const [newest, spent, ...others] = Array.from({ length: 2 * PROOFS_OF_A_TURN + 5 }, (_, at) => at + 1).reverse();
    expect(order).toEqual([newest, ...others, spent]);
    expect(asked.most).toBe(2);
    expect(changes.filter((count) => count % PROOFS_OF_A_TURN === 0)).toContain(PROOFS_OF_A_TURN);
  });

  test("and no more than one in a turn's time", async () => {
    const { asked, prover, source, standings } = beginning(PROOFS_OF_A_TURN + 30);
    prover(LONG_MS).begin(source(), signal);
    await expect.poll(() => standings().open).toBe(30);
    await settled(asked);
    expect(asked.branches).toHaveLength(PROOFS_OF_A_TURN);
    expect(asked.headers).toBeLessThanOrEqual(20);
  });

  test("and no more where it shows nothing, which is no fault of a payment", async () => {
    const { prover, source, standings } = beginning(30);
    let askedFor = 0;
    const header = async () => {
      askedFor++;
      return undefined;
    };
    const one = prover(1);
    one.begin(source({ header, headersDown: async () => undefined }), signal);
    await expect.poll(standings).toEqual({ unprovable: 30 });
    expect(askedFor).toBeLessThan(10);
    // Another server is asked anew.
    one.begin(source(), signal);
    await expect.poll(standings).toEqual({ linked: 30 });
  });

  test("and what was found when it went away is kept", async () => {
    const { asked, prover, source, standings } = beginning(20);
    let left = 10;
    const honest = source();
    const branch: ChainSource["proofs"]["branch"] = (txid, until) => {
      if (left-- <= 0) throw new SourceProblem("offline", "It is gone.");
      return honest.proofs.branch(txid, until);
    };
    const one = prover(1);
    const failing = source({ branch });
    one.begin(failing, signal);
    await expect.poll(() => standings().linked).toBe(10);
    left = 100;
    await expect
      .poll(() => {
        one.begin(failing, signal);
        return standings();
      })
      .toEqual({ linked: 20 });
    expect(new Set(asked.branches).size).toBe(asked.branches.length);
  });

  test("and with the next block once more for what it did not show: one of several servers behind an address may lag", async () => {
    for (const [late, before] of [
      ["branch", "unprovable"],
      ["headersDown", "alone"],
    ] as const) {
      const { grow, prover, source, standings } = beginning(3);
      let isLate = true;
      const honest = source();
      const server = source({
        [late]: (...asked: [never, never, never]) => (isLate ? undefined : honest.proofs[late](...asked)),
      });
      const one = prover(1);
      one.begin(server, signal);
      await expect.poll(standings).toEqual({ [before]: 3 });
      isLate = false;
      grow();
      await expect
        .poll(() => {
          one.begin(server, signal);
          return standings();
        })
        .toEqual({ linked: 3 });
    }
  });
});

describe("blocks upon a payment's", () => {
  const wrong = encodeBlockHeader(params.genesis.header);

  test("are not held to be made up where another block is at their height: each is asked for by its hash then", async () => {
    const { prover, source, standings } = beginning(5);
    prover(1).begin(source({ headersDown: async () => [wrong] }), signal);
    await expect.poll(standings).toEqual({ linked: 5 });
  });

  test("but where what is given for their hash is none", async () => {
    const { headers, prover, source, standings } = beginning(5);
    const honest = source();
    const header: ChainSource["proofs"]["header"] = async (hash, until) =>
      equalBytes(hash, headers.at(-1)!.hash) ? wrong : honest.proofs.header(hash, until);
    prover(1).begin(source({ header, headersDown: async () => [wrong] }), signal);
    await expect.poll(standings).toEqual({ broken: 5 });
  });
});

const busy = () => new SourceProblem("busy", "An index is being built.");

describe("what a server is busy for", () => {
  test("holds up no other payment, and is asked for again after a while, and later each time", async () => {
    const { asked, clock, heights, prover, source, standings } = beginning(20);
    let isBusy = true;
    const honest = source();
    const isTheNewest = (txid: Txid) => heights.get(displayHash(txid)) === 20;
    const server = source({
      branch: async (txid, until) => {
        const shown = await honest.proofs.branch(txid, until);
        if (isBusy && isTheNewest(txid)) throw busy();
        return shown;
      },
      txids: async () => {
        throw busy();
      },
    });
    const one = prover(1);
    const asksOfNewest = () => asked.branches.filter((name) => heights.get(name) === 20).length;
    const look = async () => {
      one.begin(server, signal);
      await settled(asked);
    };
    await look();
    expect(standings()).toEqual({ linked: 19, open: 1 });
    await look();
    expect(asksOfNewest()).toBe(1);
    clock.ms += AGAIN_MS;
    await look();
    clock.ms += AGAIN_MS;
    await look();
    expect(asksOfNewest()).toBe(2);
    isBusy = false;
    clock.ms += AGAIN_MS;
    await look();
    expect(standings()).toEqual({ linked: 20 });
  });

  test("where it is the way to each transaction, is found in the list of its block", async () => {
    const { prover, source, standings, txidsOf } = beginning(20);
    let branches = 0;
    const branch = async () => {
      branches++;
      throw busy();
    };
    const txids = async (hash: Uint8Array) => ({ kind: "txids", txids: txidsOf(hash) }) as const;
    prover(1).begin(source({ branch, txids }), signal);
    await expect.poll(standings).toEqual({ linked: 20 });
    expect(branches).toBeLessThanOrEqual(2);
  });

  test("where it is the headers upon payments, keeps none of them from being proved", async () => {
    const { prover, source, standings } = beginning(10);
    let isBusy = true;
    const honest = source();
    const headersDown: ChainSource["proofs"]["headersDown"] = async (...given) => {
      if (isBusy) throw busy();
      return honest.proofs.headersDown(...given);
    };
    const [one, server] = [prover(1), source({ headersDown })];
    one.begin(server, signal);
    await expect.poll(standings).toEqual({ alone: 10 });
    isBusy = false;
    await expect
      .poll(() => {
        one.begin(server, signal);
        return standings();
      })
      .toEqual({ linked: 10 });
  });

  test("where it is all, ends the turn soon", async () => {
    const { asked, prover, source, standings } = beginning(20);
    const branch: ChainSource["proofs"]["branch"] = async (txid) => {
      asked.branches.push(displayHash(txid));
      throw busy();
    };
    prover(1).begin(source({ branch }), signal);
    await settled(asked);
    expect(asked.branches.length).toBeLessThanOrEqual(4);
    expect(standings()).toEqual({ open: 20 });
  });
});

describe("a server that shows nothing of the first payments", () => {
  test("is asked about one more with each block, and about all once it shows one", async () => {
    const { asked, grow, heights, prover, source, standings } = beginning(30);
    const honest = source();
    const server = source({
      branch: async (txid, until) => {
        const shown = await honest.proofs.branch(txid, until);
        return heights.get(displayHash(txid))! > 20 ? undefined : shown;
      },
    });
    const one = prover(1);
    const look = async () => {
      one.begin(server, signal);
      await settled(asked);
    };
    await look();
    await look();
    const before = asked.branches.length;
    expect(standings()).toEqual({ unprovable: 30 });
    for (let block = 1; standings().unprovable === 30; block++) {
      expect(asked.branches.length).toBe(before + block - 1);
      expect(block).toBeLessThan(10);
      grow();
      await look();
      await look();
    }
    expect(standings()).toEqual({ linked: 20, unprovable: 10 });
  });
});

describe("a payment that is doubted", () => {
  const wrong: ChainSource["proofs"]["branch"] = async () => ({ kind: "branch", index: 0, branch: [] });

  test("is believed at the same block when its server shows it right, as of several behind an address one may", async () => {
    const { asked, clock, prover, source, standings } = beginning(3);
    const honest = source();
    let isWrong = true;
    const server = source({
      branch: async (txid, until) => {
        const shown = await honest.proofs.branch(txid, until);
        return isWrong ? wrong(txid, until) : shown;
      },
    });
    const one = prover(1);
    one.begin(server, signal);
    await expect.poll(standings).toEqual({ broken: 3 });
    isWrong = false;
    await settled(asked);
    clock.ms += AGAIN_MS;
    one.begin(server, signal);
    await expect.poll(standings).toEqual({ linked: 3 });
  });

  test("is asked for again ever more seldom, as long as that is not so", async () => {
    const { asked, clock, prover, source, standings } = beginning(1);
    const server = source({
      branch: async (txid, until) => {
        asked.branches.push(displayHash(txid));
        return wrong(txid, until);
      },
    });
    const one = prover(1);
    one.begin(server, signal);
    await expect.poll(standings).toEqual({ broken: 1 });
    const first = asked.branches.length;
    for (let look = 0; look < 200; look++) {
      clock.ms += AGAIN_MS;
      one.begin(server, signal);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await settled(asked);
    // In the first hour 8 times, twice each.
    expect(asked.branches.length).toBeGreaterThan(2 * first);
    expect(asked.branches.length).toBeLessThanOrEqual(9 * first);
    expect(standings()).toEqual({ broken: 1 });
  });
});
