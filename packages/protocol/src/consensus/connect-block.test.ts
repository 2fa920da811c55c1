import { describe, expect, test } from "vitest";
import { concatBytes } from "../bytes/bytes.ts";
import { type Block, BlockHeader } from "../primitives/block.ts";
import type { OutPoint, Transaction } from "../primitives/transaction.ts";
import { type BlockHash, displayHash, outPointKey, parseDisplayHash } from "../primitives/types.ts";
import { pushData } from "../script/script.ts";
import { COIN, MAX_MONEY } from "./amount.ts";
import type { ChainLink, Coin } from "./chain-view.ts";
import { type BlockEffects, bip30OutPointsOf, connectBlock, outPointsOf, scriptReject } from "./connect-block.ts";
import { disconnectBlock, disconnectOutPointsOf } from "./disconnect-block.ts";
import { MAINNET, regtestNetwork, TESTNET3 } from "./networks.ts";
import type { ConsensusParams } from "./params.ts";
import {
  ANYONE,
  appendLink,
  blockOf,
  chainOf,
  coin,
  coinbase,
  extendChain,
  fieldsOf,
  header,
  input,
  linkAt,
  lookupOf,
  outPoint,
  output,
  transaction,
} from "./test-kit.ts";
import { isReject } from "./verdict.ts";

const { params } = regtestNetwork();
const CHECKSIG = 0xac;
const chain = chainOf(200, (height) => ({ time: 1_600_000_000 + height * 600 }));
const tip = chain[199]!;
/** The block that tests connect: of height 200, whose subsidy is 25 BTC. */
const SUBSIDY = 25n * COIN;

function linkOf(block: Block, previous: ChainLink = tip): ChainLink {
  const link: ChainLink = {
    header: block.header,
    height: previous.height + 1,
    chainwork: previous.chainwork + 2n,
    previous,
    ancestor: (height) => (height === previous.height + 1 ? link : previous.ancestor(height)),
  };
  return link;
}

function connect(
  transactions: readonly Transaction[],
  coins: Iterable<readonly [OutPoint, Coin]> = [],
  network: ConsensusParams = params,
) {
  const block = blockOf(transactions);
  return connectBlock(block, linkOf(block), network, lookupOf(coins));
}

function effectsOf(answer: ReturnType<typeof connectBlock>): BlockEffects {
  if (isReject(answer)) throw new Error(`${answer.reason} ${answer.detail}`);
  return answer;
}

const reasonOf = (answer: ReturnType<typeof connectBlock>) => (isReject(answer) ? answer.reason : undefined);
const paying = (value: bigint) => coinbase(200, { outputs: [output(value)] });
const spend = (points: readonly OutPoint[], values: readonly bigint[], sequence = 0xffffffff) =>
  transaction({
    inputs: points.map((point) => input(point, { sequence })),
    outputs: values.map((value) => output(value)),
  });
const keys = (points: readonly OutPoint[]) => points.map(outPointKey);

describe("connecting a block", () => {
  test("spends, creates and keeps what takes it back", () => {
    const first = spend([outPoint(1), outPoint(2)], [30n, 20n]);
    const inner: OutPoint = { txid: first.txid, index: 1 };
    const second = spend([inner], [15n]);
    const coins = [
      [outPoint(1), coin(40n)],
      [outPoint(2), coin(13n, { height: 7, isCoinbase: true })],
    ] as const;
    const block = blockOf([paying(SUBSIDY), first, second]);
    const effects = effectsOf(connectBlock(block, linkOf(block), params, lookupOf(coins)));
    expect(effects.fees).toBe(53n - 50n + 20n - 15n);
    expect(effects.spent).toEqual(keys([outPoint(1), outPoint(2)]));
    expect(effects.created).toEqual([
      [
        outPointKey({ txid: block.transactions[0]!.txid, index: 0 }),
        { output: output(SUBSIDY), height: 200, isCoinbase: true },
      ],
      [outPointKey({ txid: first.txid, index: 0 }), { output: output(30n), height: 200, isCoinbase: false }],
      [outPointKey({ txid: second.txid, index: 0 }), { output: output(15n), height: 200, isCoinbase: false }],
    ]);
    expect(effects.undo.transactions).toEqual([
      [coins[0][1], coins[1][1]],
      [{ output: output(20n), height: 200, isCoinbase: false }],
    ]);
    expect(effects.scripts.map(({ tx }) => tx)).toEqual([first, second]);
    expect(effects.scripts[0]!.spentOutputs).toEqual([output(40n), output(13n)]);
    expect(effects.sigopsCost).toBe(0);
    expect(outPointsOf(block)).toEqual([outPoint(1), outPoint(2)]);
  });

  test("leaves out outputs that can never be spent", () => {
    const outputs = [
      output(1n, Uint8Array.of(0x6a)),
      output(2n, new Uint8Array(10_001)),
      output(3n, new Uint8Array(10_000)),
    ];
    const effects = effectsOf(connect([coinbase(200, { outputs })]));
    expect(effects.created.map(([, { output: kept }]) => kept.value)).toEqual([3n]);
  });

  test("does nothing for genesis, whose coins were never there", () => {
    const links: ChainLink[] = [];
    const link = appendLink(links, params.genesis.header);
    const effects = effectsOf(connectBlock(params.genesis, link, params, lookupOf([])));
    expect(effects).toMatchObject({ spent: [], created: [], scripts: [], fees: 0n, undo: { transactions: [] } });
  });

  test("asks for outputs of later transactions of the block, which are not there yet", () => {
    const first = spend([outPoint(1)], [1n]);
    const early = spend([{ txid: first.txid, index: 0 }], [1n]);
    expect(outPointsOf(blockOf([paying(0n), early, first]))).toEqual([{ txid: first.txid, index: 0 }, outPoint(1)]);
    expect(connect([paying(0n), early, first], [[outPoint(1), coin(1n)]])).toEqual({
      kind: "consensus",
      reason: "bad-txns-inputs-missingorspent",
      detail: `CheckTxInputs: inputs missing/spent in transaction ${displayHash(early.txid)}`,
    });
  });

  test("spends no coin twice", () => {
    const coins = [[outPoint(1), coin(5n)]] as const;
    expect(reasonOf(connect([paying(0n), spend([outPoint(1)], [5n]), spend([outPoint(1)], [4n])], coins))).toBe(
      "bad-txns-inputs-missingorspent",
    );
    const first = spend([outPoint(1)], [5n]);
    const inner: OutPoint = { txid: first.txid, index: 0 };
    expect(reasonOf(connect([paying(0n), first, spend([inner], [5n]), spend([inner], [4n])], coins))).toBe(
      "bad-txns-inputs-missingorspent",
    );
    const beyond: OutPoint = { txid: first.txid, index: 1 };
    expect(reasonOf(connect([paying(0n), first, spend([beyond], [1n])], coins))).toBe("bad-txns-inputs-missingorspent");
  });

  test("spends no immature coinbase, its own least of all", () => {
    const at = (height: number) => [[outPoint(1), coin(5n, { height, isCoinbase: true })]] as const;
    expect(reasonOf(connect([paying(0n), spend([outPoint(1)], [5n])], at(100)))).toBeUndefined();
    const early = spend([outPoint(1)], [5n]);
    expect(connect([paying(0n), early], at(101))).toEqual({
      kind: "consensus",
      reason: "bad-txns-premature-spend-of-coinbase",
      detail: `tried to spend coinbase at depth 99 in transaction ${displayHash(early.txid)}`,
    });
    const own = paying(SUBSIDY);
    expect(reasonOf(connect([own, spend([{ txid: own.txid, index: 0 }], [1n])]))).toBe(
      "bad-txns-premature-spend-of-coinbase",
    );
  });

  test("names the transaction after an empty detail as Core does", () => {
    const tx = spend([outPoint(1)], [1n]);
    expect(connect([paying(0n), tx], [[outPoint(1), coin(MAX_MONEY + 1n)]])).toEqual({
      kind: "consensus",
      reason: "bad-txns-inputvalues-outofrange",
      detail: ` in transaction ${displayHash(tx.txid)}`,
    });
  });

  test("adds fees up to 21 million bitcoin", () => {
    const two = [spend([outPoint(1)], [0n]), spend([outPoint(2)], [0n])];
    const coins = (second: bigint) =>
      [
        [outPoint(1), coin(MAX_MONEY)],
        [outPoint(2), coin(second)],
      ] as const;
    expect(reasonOf(connect([paying(0n), ...two], coins(0n)))).toBeUndefined();
    expect(connect([paying(0n), ...two], coins(1n))).toEqual({
      kind: "consensus",
      reason: "bad-txns-accumulated-fee-outofrange",
      detail: "accumulated fee in the block out of range",
    });
  });

  test("pays the coinbase no more than subsidy and fees", () => {
    const tx = spend([outPoint(1)], [4n]);
    const coins = [[outPoint(1), coin(10n)]] as const;
    expect(reasonOf(connect([paying(SUBSIDY + 6n), tx], coins))).toBeUndefined();
    expect(reasonOf(connect([paying(0n), tx], coins))).toBeUndefined();
    expect(connect([paying(SUBSIDY + 7n), tx], coins)).toEqual({
      kind: "consensus",
      reason: "bad-cb-amount",
      detail: "coinbase pays too much (actual=2500000007 vs limit=2500000006)",
    });
    const split = coinbase(200, { outputs: [output(SUBSIDY), output(1n, Uint8Array.of(0x6a))] });
    expect(reasonOf(connect([split]))).toBe("bad-cb-amount");
  });
});

describe("relative lock times in a block (BIP68)", () => {
  const locked = (sequence: number, coinHeight: number, network = params) => {
    const tx = spend([outPoint(1)], [1n], sequence);
    return connect([paying(0n), tx], [[outPoint(1), coin(1n, { height: coinHeight })]], network);
  };

  test("count blocks", () => {
    expect(reasonOf(locked(10, 190))).toBeUndefined();
    const reject = locked(10, 191);
    expect(reject).toMatchObject({ kind: "consensus", reason: "bad-txns-nonfinal" });
    expect(reject).toHaveProperty(
      "detail",
      expect.stringMatching(/^contains a non-BIP68-final transaction [0-9a-f]{64}$/),
    );
  });

  test("count time between median times past", () => {
    // Ten blocks of 600 seconds are 11.7 units of 512 seconds; the last block before counts, not this one.
    const inUnits = (units: number, coinHeight: number) => reasonOf(locked(0x00400000 | units, coinHeight));
    expect(inUnits(11, 190)).toBeUndefined();
    expect(inUnits(12, 190)).toBe("bad-txns-nonfinal");
  });

  test("hold coins of the same block for at least one block", () => {
    const first = spend([outPoint(1)], [1n]);
    const inner: OutPoint = { txid: first.txid, index: 0 };
    const coins = [[outPoint(1), coin(1n)]] as const;
    expect(reasonOf(connect([paying(0n), first, spend([inner], [1n], 0)], coins))).toBeUndefined();
    expect(reasonOf(connect([paying(0n), first, spend([inner], [1n], 1)], coins))).toBe("bad-txns-nonfinal");
    expect(reasonOf(connect([paying(0n), first, spend([inner], [1n], 0x00400000)], coins))).toBeUndefined();
    expect(reasonOf(connect([paying(0n), first, spend([inner], [1n], 0x00400001)], coins))).toBe("bad-txns-nonfinal");
  });

  test("did not hold before activation", () => {
    expect(reasonOf(locked(10, 199, regtestNetwork({ activationHeights: { csv: 201 } }).params))).toBeUndefined();
    expect(reasonOf(locked(10, 199, regtestNetwork({ activationHeights: { csv: 200 } }).params))).toBe(
      "bad-txns-nonfinal",
    );
  });
});

describe("signature operations in a block", () => {
  test("cost at most 80,000, redeem scripts included", () => {
    const redeemScript = new Uint8Array(500).fill(CHECKSIG);
    const scriptSig = concatBytes(pushData(redeemScript));
    const p2sh = concatBytes(Uint8Array.of(0xa9, 20), new Uint8Array(20), Uint8Array.of(0x87));
    const points = Array.from({ length: 40 }, (_, index) => outPoint(index));
    const coins = points.map((point) => [point, coin(1n, { script: p2sh })] as const);
    const tx = (extra: number) =>
      transaction({
        inputs: points.map((point) => input(point, { scriptSig })),
        outputs: [output(0n, new Uint8Array(extra).fill(CHECKSIG))],
      });
    const full = connect([paying(0n), tx(0)], coins);
    expect(effectsOf(full).sigopsCost).toBe(80_000);
    expect(connect([paying(0n), tx(1)], coins)).toEqual({
      kind: "consensus",
      reason: "bad-blk-sigops",
      detail: "too many sigops",
    });
  });
});

describe("the order of rules in a block", () => {
  test("is transaction by transaction, the coinbase's amount last", () => {
    const tooMuch = paying(SUBSIDY + 1_000_000n);
    const missing = spend([outPoint(99)], [1n]);
    const locked = spend([outPoint(1)], [1n], 100);
    const coins = [
      [outPoint(1), coin(1n, { height: 199 })],
      [outPoint(2), coin(1n)],
    ] as const;
    expect(reasonOf(connect([tooMuch, missing, locked], coins))).toBe("bad-txns-inputs-missingorspent");
    expect(reasonOf(connect([tooMuch, locked, missing], coins))).toBe("bad-txns-nonfinal");
    expect(reasonOf(connect([tooMuch, spend([outPoint(2)], [2n], 100)], coins))).toBe("bad-txns-in-belowout");
    expect(reasonOf(connect([tooMuch, spend([outPoint(2)], [1n])], coins))).toBe("bad-cb-amount");
  });
});

describe("overwriting transactions (BIP30)", () => {
  const repeated = paying(SUBSIDY);
  const old = [[{ txid: repeated.txid, index: 0 }, coin(1n)]] as const;

  test("are refused, before anything else", () => {
    expect(connect([repeated, spend([outPoint(99)], [1n])], old)).toEqual({
      kind: "consensus",
      reason: "bad-txns-BIP30",
      detail: "tried to overwrite transaction",
    });
    expect(reasonOf(connect([repeated]))).toBeUndefined();
  });

  test("are looked for among all outputs", () => {
    const tx = spend([outPoint(1)], [1n, 1n]);
    const block = blockOf([repeated, tx]);
    expect(bip30OutPointsOf(block, linkOf(block), params)).toEqual([
      { txid: repeated.txid, index: 0 },
      { txid: tx.txid, index: 0 },
      { txid: tx.txid, index: 1 },
    ]);
    const coins = [
      [outPoint(1), coin(2n)],
      [{ txid: tx.txid, index: 1 }, coin(1n)],
    ] as const;
    expect(reasonOf(connect([repeated, tx], coins))).toBe("bad-txns-BIP30");
  });

  const named = (hash: string, height: number, previous?: ChainLink): [Block, ChainLink] => {
    const block = blockOf([repeated]);
    const known = new BlockHeader(fieldsOf(block.header), parseDisplayHash<BlockHash>(hash)!);
    const before = previous ?? linkAt(height - 1);
    const link: ChainLink = { ...linkOf(block, before), header: known, height };
    return [block, link];
  };

  test.each([
    [91_842, "00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec"],
    [91_880, "00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721"],
  ])("were allowed in block %i of mainnet", (height, hash) => {
    const [block, link] = named(hash, height);
    const effects = effectsOf(connectBlock(block, link, MAINNET.params, lookupOf(old)));
    expect(effects.created.map(([key]) => key)).toEqual(keys([{ txid: repeated.txid, index: 0 }]));
    const [other, elsewhere] = named(hash, height + 1);
    expect(reasonOf(connectBlock(other, elsewhere, MAINNET.params, lookupOf(old)))).toBe("bad-txns-BIP30");
    const [third, otherHash] = named(`${hash.slice(0, -1)}0`, height);
    expect(reasonOf(connectBlock(third, otherHash, MAINNET.params, lookupOf(old)))).toBe("bad-txns-BIP30");
  });

  test("are not looked for on the chain with the known BIP34 block, below height 1,983,702", () => {
    const bip34 = "000000000000024b89b42a942fe0d9fea3bb44ab7bd1b19115dd6a759c0808b8";
    const at = (height: number, hash: string) => {
      const known: ChainLink = {
        ...linkAt(227_931),
        header: new BlockHeader(fieldsOf(header()), parseDisplayHash<BlockHash>(hash)!),
      };
      const previous: ChainLink = { ...linkAt(height - 1), ancestor: (one) => (one === 227_931 ? known : undefined) };
      const [block, link] = named("11".repeat(32), height, previous);
      return bip30OutPointsOf(block, link, MAINNET.params).length > 0;
    };
    expect(at(227_933, bip34)).toBe(false);
    expect(at(1_983_701, bip34)).toBe(false);
    expect(at(1_983_702, bip34)).toBe(true);
    expect(at(300_000, "22".repeat(32))).toBe(true);
    // The BIP34 block itself has no such ancestor yet.
    expect(at(227_931, bip34)).toBe(true);
  });

  test("are always looked for where no BIP34 block is known", () => {
    const long = extendChain(chain, 10, (height) => ({ time: 1_600_000_000 + height * 600 }));
    const block = blockOf([repeated]);
    expect(bip30OutPointsOf(block, linkOf(block, long.at(-1)!), params).length).toBe(1);
    expect(TESTNET3.params.bip34Hash).toBeDefined();
  });
});

describe("a failed script", () => {
  test("is told with its place", () => {
    const tx = spend([outPoint(1), outPoint(2, 3)], [1n]);
    const shown = displayHash(outPoint(2).txid);
    expect(scriptReject(tx, 1, "EVAL_FALSE")).toEqual({
      kind: "consensus",
      reason:
        "block-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)",
      detail: `input 1 of ${displayHash(tx.txid)} (wtxid ${displayHash(tx.wtxid)}), spending ${shown}:3`,
    });
  });
});

describe("taking a block back", () => {
  const first = spend([outPoint(1), outPoint(2)], [30n, 20n]);
  const second = spend([{ txid: first.txid, index: 1 }], [15n]);
  const block = blockOf([
    coinbase(200, { outputs: [output(SUBSIDY), output(0n, Uint8Array.of(0x6a))] }),
    first,
    second,
  ]);
  const link = linkOf(block);
  const before = new Map<string, Coin>([
    [outPointKey(outPoint(1)), coin(40n)],
    [outPointKey(outPoint(2)), coin(13n, { height: 7, isCoinbase: true })],
    [outPointKey(outPoint(3)), coin(1n)],
  ]);
  const effects = effectsOf(connectBlock(block, link, params, (key) => before.get(key)));
  const apply = (coins: ReadonlyMap<string, Coin>, change: Pick<BlockEffects, "spent" | "created">) => {
    const after = new Map(coins);
    for (const key of change.spent) expect(after.delete(key)).toBe(true);
    for (const [key, value] of change.created) after.set(key, value);
    return after;
  };
  const after = apply(before, effects);
  const undo = (coins: ReadonlyMap<string, Coin>, data = effects.undo, at = link) =>
    disconnectBlock(block, at, data, (key) => coins.get(key));

  test("leaves the coins as they were", () => {
    const answer = undo(after);
    if ("failure" in answer) throw new Error(answer.failure);
    expect(answer.clean).toBe(true);
    expect(apply(after, answer)).toEqual(before);
    expect(answer.spent.length).toBe(effects.created.length);
  });

  test("asks for the outputs and what the inputs spent", () => {
    expect(disconnectOutPointsOf(block).length).toBe(2 + 2 + 2 + 1 + 1);
  });

  test("refuses undo data of another block", () => {
    expect(undo(after, { transactions: effects.undo.transactions.slice(1) })).toEqual({
      failure: "block and undo data inconsistent",
    });
    const [coins, inner] = effects.undo.transactions as [Coin[], Coin[]];
    expect(undo(after, { transactions: [coins.slice(1), inner] })).toEqual({
      failure: "transaction and undo data inconsistent",
    });
  });

  test("notices coins that are not what the block made", () => {
    const key = outPointKey({ txid: second.txid, index: 0 });
    const made = after.get(key)!;
    const cleanWith = (changed: Coin | undefined) => {
      const coins = new Map(after);
      if (changed === undefined) coins.delete(key);
      else coins.set(key, changed);
      const answer = undo(coins);
      return "failure" in answer ? answer.failure : answer.clean;
    };
    expect(cleanWith(made)).toBe(true);
    expect(cleanWith(undefined)).toBe(false);
    expect(cleanWith({ ...made, height: 199 })).toBe(false);
    expect(cleanWith({ ...made, isCoinbase: true })).toBe(false);
    expect(cleanWith({ ...made, output: output(14n) })).toBe(false);
    expect(cleanWith({ ...made, output: output(15n, concatBytes(ANYONE, ANYONE)) })).toBe(false);
  });

  test("notices inputs that were never spent", () => {
    const answer = undo(new Map([...after, [outPointKey(outPoint(1)), coin(40n)]]));
    expect(answer).toMatchObject({ clean: false });
  });

  test.each([
    [91_722, "00000000000271a2dc26e7667f8419f2e15416dc6955e5a6c6cdf3f2574dd08e"],
    [91_812, "00000000000af0aed4792b1acee3d966af36cf5def14935db8de83d6f9306f2f"],
  ])("misses no coinbase in block %i, which was overwritten (BIP30)", (height, hash) => {
    const only = blockOf([paying(SUBSIDY)]);
    const known = new BlockHeader(fieldsOf(only.header), parseDisplayHash<BlockHash>(hash)!);
    const at = (one: number) => ({ ...linkOf(only), header: known, height: one });
    const none = { transactions: [] };
    expect(disconnectBlock(only, at(height), none, () => undefined)).toEqual({ spent: [], created: [], clean: true });
    expect(disconnectBlock(only, at(height + 1), none, () => undefined)).toMatchObject({ clean: false });
    expect(disconnectBlock(only, linkOf(only), none, () => undefined)).toMatchObject({ clean: false });
  });
});
