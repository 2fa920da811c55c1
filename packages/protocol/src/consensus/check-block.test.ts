import { describe, expect, test } from "vitest";
import { concatBytes } from "../bytes/bytes.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { Block, BlockHeader } from "../primitives/block.ts";
import { Transaction } from "../primitives/transaction.ts";
import type { MerkleRoot } from "../primitives/types.ts";
import {
  type BlockCheckOptions,
  checkBlock,
  coinbaseHeightScript,
  contextualCheckBlock,
  isBlockMutated,
} from "./check-block.ts";
import { MAINNET, regtestNetwork } from "./networks.ts";
import {
  appendLink,
  blockOf,
  chainOf,
  coinbase,
  extendChain,
  fieldsOf,
  input,
  linkAt,
  mineBlock,
  outPoint,
  output,
  transaction,
} from "./test-kit.ts";
import {
  commitToWitnesses,
  WITNESS_RESERVED_VALUE,
  witnessCommitmentIndex,
  witnessCommitmentOutput,
} from "./witness-commitment.ts";

const { params } = regtestNetwork();
const CHECKSIG = 0xac;
const ALL: BlockCheckOptions = { pow: true, merkle: true, secp256k1: portableSecp256k1 };
const TEMPLATE: BlockCheckOptions = { pow: false, merkle: false, secp256k1: portableSecp256k1 };

const genesis = appendLink([], params.genesis.header);
const spend = (number: number, fields: ConstructorParameters<typeof Transaction>[0] | object = {}) =>
  transaction({ inputs: [input(outPoint(number))], ...fields });
const check = (block: Block, options = TEMPLATE) => checkBlock(block, params, options);

describe("a block by itself", () => {
  const good = mineBlock(genesis, params, [spend(1), spend(2)]);

  test("passes", () => {
    expect(check(good, ALL)).toBeUndefined();
    expect(check(params.genesis, ALL)).toBeUndefined();
  });

  test("needs proof of work, unless it is a template", () => {
    const block = new Block(new BlockHeader({ ...fieldsOf(good.header), bits: 0x1d00ffff }), good.transactions);
    expect(check(block, ALL)).toEqual({ kind: "invalid-header", reason: "high-hash", detail: "proof of work failed" });
    expect(check(block, { ...ALL, pow: false })).toBeUndefined();
  });

  test("has the transactions that its header commits to", () => {
    const other = new Block(good.header, [...good.transactions.slice(0, 2), spend(3)]);
    expect(check(other, ALL)).toEqual({
      kind: "mutated",
      reason: "bad-txnmrklroot",
      detail: "hashMerkleRoot mismatch",
    });
    expect(check(other)).toBeUndefined();
  });

  test("repeats no transactions to the same root (CVE-2012-2459)", () => {
    const repeated = new Block(good.header, [...good.transactions, good.transactions[2]!]);
    expect(check(repeated, ALL)).toEqual({
      kind: "mutated",
      reason: "bad-txns-duplicate",
      detail: "duplicate transaction",
    });
    const six = mineBlock(
      genesis,
      params,
      [1, 2, 3, 4, 5].map((number) => spend(number)),
    );
    expect(check(six, ALL)).toBeUndefined();
    const eight = new Block(six.header, [...six.transactions, ...six.transactions.slice(4)]);
    expect(check(eight, ALL)?.reason).toBe("bad-txns-duplicate");
    // The same list may have been mined so; nobody can tell. Equal ones that are not neighbours cannot be made up.
    const pair = mineBlock(genesis, params, [spend(1), spend(2), spend(2)]);
    expect(check(pair, ALL)?.reason).toBe("bad-txns-duplicate");
    const apart = mineBlock(genesis, params, [spend(1), spend(2), spend(3), spend(1)]);
    expect(check(apart, ALL)).toBeUndefined();
  });

  test("has transactions, and not too many bytes", () => {
    expect(check(blockOf([]))).toEqual({ kind: "consensus", reason: "bad-blk-length", detail: "size limits failed" });
    const filled = (size: number) => {
      const filler = (scriptSize: number) => spend(1, { outputs: [output(0n, new Uint8Array(scriptSize))] });
      const rest = size - blockOf([coinbase(1), filler(70_000)]).strippedSize;
      return blockOf([coinbase(1), filler(70_000 + rest)]);
    };
    expect(filled(1_000_000).strippedSize).toBe(1_000_000);
    expect(check(filled(1_000_000))).toBeUndefined();
    expect(check(filled(1_000_001))?.reason).toBe("bad-blk-length");
  });

  test("begins with its only coinbase", () => {
    expect(check(blockOf([spend(1)]))).toEqual({
      kind: "consensus",
      reason: "bad-cb-missing",
      detail: "first tx is not coinbase",
    });
    expect(check(blockOf([spend(1), coinbase(1)]))?.reason).toBe("bad-cb-missing");
    expect(check(blockOf([coinbase(1), spend(1), coinbase(2)]))).toEqual({
      kind: "consensus",
      reason: "bad-cb-multiple",
      detail: "more than one coinbase",
    });
  });

  test("has only transactions that pass by themselves", () => {
    const bad = spend(1, { outputs: [output(-1n)] });
    const reject = check(blockOf([coinbase(1), bad]));
    expect(reject?.kind).toBe("consensus");
    expect(reject?.reason).toBe("bad-txns-vout-negative");
    expect(reject?.detail).toMatch(/^Transaction check failed \(tx hash [0-9a-f]{64}\) $/);
  });

  test("announces at most 20,000 legacy signature operations", () => {
    const checks = (count: number) => output(0n, new Uint8Array(count).fill(CHECKSIG));
    const counting = (count: number) =>
      blockOf([coinbase(1, { outputs: [checks(1)] }), spend(1, { outputs: [checks(count)] })]);
    expect(check(counting(19_999))).toBeUndefined();
    expect(check(counting(20_000))).toEqual({
      kind: "consensus",
      reason: "bad-blk-sigops",
      detail: "out-of-bounds SigOpCount",
    });
  });

  test("is refused for the rule that comes first", () => {
    const wrongRoot = new Uint8Array(32).fill(1) as MerkleRoot;
    const several = blockOf([spend(1, { outputs: [output(-1n)] }), coinbase(1)], { merkleRoot: wrongRoot, bits: 1 });
    expect(check(several, ALL)?.reason).toBe("high-hash");
    expect(check(several, { ...ALL, pow: false })?.reason).toBe("bad-txnmrklroot");
    expect(check(several)?.reason).toBe("bad-cb-missing");
    const sigops = spend(1, { outputs: [output(-1n, new Uint8Array(20_001).fill(CHECKSIG))] });
    expect(check(blockOf([coinbase(1), sigops]))?.reason).toBe("bad-txns-vout-negative");
    expect(check(blockOf([]), { ...TEMPLATE, merkle: true })?.reason).toBe("bad-blk-length");
  });
});

describe("lock times in a block", () => {
  const chain = chainOf(200, (height) => ({ time: 1_600_000_000 + height * 600 }));
  const tip = chain[199]!;
  const median = tip.header.time - 5 * 600;
  const reasonWith = (lockTime: number, network = params, time = tip.header.time + 600) => {
    const tx = spend(1, { lockTime, inputs: [input(outPoint(1), { sequence: 0 })] });
    return contextualCheckBlock(blockOf([coinbase(200), tx], { time }), tip, network);
  };

  test("are compared with the height", () => {
    expect(reasonWith(199)).toBeUndefined();
    expect(reasonWith(200)).toEqual({
      kind: "consensus",
      reason: "bad-txns-nonfinal",
      detail: "non-final transaction",
    });
  });

  test("are compared with the median time past (BIP113)", () => {
    expect(reasonWith(median - 1)).toBeUndefined();
    expect(reasonWith(median)?.reason).toBe("bad-txns-nonfinal");
  });

  test("were compared with the block's own time before", () => {
    const before = regtestNetwork({ activationHeights: { csv: 201 } }).params;
    expect(reasonWith(tip.header.time + 599, before)).toBeUndefined();
    expect(reasonWith(tip.header.time + 600, before)?.reason).toBe("bad-txns-nonfinal");
    const since = regtestNetwork({ activationHeights: { csv: 200 } }).params;
    expect(reasonWith(median, since)?.reason).toBe("bad-txns-nonfinal");
  });

  test("bind the coinbase too", () => {
    const locked = coinbase(200, { lockTime: 200, inputs: [{ ...coinbase(200).inputs[0]!, sequence: 0 }] });
    expect(contextualCheckBlock(blockOf([locked]), tip, params)?.reason).toBe("bad-txns-nonfinal");
  });
});

describe("the coinbase's height (BIP34)", () => {
  test.each([
    [0, "00"],
    [1, "51"],
    [16, "60"],
    [17, "0111"],
    [127, "017f"],
    [128, "028000"],
    [255, "02ff00"],
    [256, "020001"],
    [32_767, "02ff7f"],
    [32_768, "03008000"],
    [227_931, "035b7a03"],
    [8_388_608, "0400008000"],
  ])("%i is written %s", (height, hex) => {
    expect(Buffer.from(coinbaseHeightScript(height)).toString("hex")).toBe(hex);
  });

  const reasonAt = (height: number, scriptSig: Uint8Array, network = params) => {
    const first = coinbase(height, { inputs: [{ ...coinbase(height).inputs[0]!, scriptSig }] });
    return contextualCheckBlock(blockOf([first]), linkAt(height - 1), network)?.reason;
  };

  test("begins the script, whatever follows", () => {
    expect(reasonAt(200, Uint8Array.of(2, 200, 0))).toBeUndefined();
    expect(reasonAt(200, Uint8Array.of(2, 200, 0, 1, 2, 3))).toBeUndefined();
    expect(reasonAt(200, Uint8Array.of(2, 201, 0))).toBe("bad-cb-height");
    expect(reasonAt(200, Uint8Array.of(2, 200))).toBe("bad-cb-height");
    expect(reasonAt(200, Uint8Array.of(3, 200, 0, 0))).toBe("bad-cb-height");
    expect(reasonAt(5, Uint8Array.of(0x55, 0))).toBeUndefined();
    expect(reasonAt(5, Uint8Array.of(1, 5))).toBe("bad-cb-height");
  });

  test("is asked for from the activation height on", () => {
    expect(reasonAt(227_930, Uint8Array.of(0, 0), MAINNET.params)).toBeUndefined();
    expect(reasonAt(227_931, Uint8Array.of(0, 0), MAINNET.params)).toBe("bad-cb-height");
    expect(reasonAt(227_931, Uint8Array.of(3, 0x5b, 0x7a, 3), MAINNET.params)).toBeUndefined();
  });
});

describe("witness commitments (BIP141)", () => {
  const witnessed = spend(1, { inputs: [input(outPoint(1), { witness: [Uint8Array.of(1)] })] });
  const tip = linkAt(199);
  const committed = commitToWitnesses(coinbase(200), [witnessed]);
  const check200 = (first: Transaction, others: readonly Transaction[], network = params) =>
    contextualCheckBlock(blockOf([first, ...others]), tip, network);
  const withWitness = (tx: Transaction, witness: readonly Uint8Array[]) =>
    new Transaction({ ...tx, inputs: tx.inputs.map((one) => ({ ...one, witness })), lockTime: tx.lockTime });

  test("cover every witness", () => {
    expect(check200(committed, [witnessed])).toBeUndefined();
    const changed = spend(1, { inputs: [input(outPoint(1), { witness: [Uint8Array.of(2)] })] });
    expect(changed.txid).toEqual(witnessed.txid);
    expect(check200(committed, [changed])).toEqual({
      kind: "mutated",
      reason: "bad-witness-merkle-match",
      detail: "CheckWitnessMalleation : witness merkle commitment mismatch",
    });
  });

  test("come with a reserved value of 32 bytes", () => {
    const reject = {
      kind: "mutated",
      reason: "bad-witness-nonce-size",
      detail: "CheckWitnessMalleation : invalid witness reserved value size",
    };
    expect(check200(withWitness(committed, []), [witnessed])).toEqual(reject);
    expect(check200(withWitness(committed, [new Uint8Array(31)]), [witnessed])).toEqual(reject);
    expect(check200(withWitness(committed, [new Uint8Array(33)]), [witnessed])).toEqual(reject);
    const two = [WITNESS_RESERVED_VALUE, WITNESS_RESERVED_VALUE];
    expect(check200(withWitness(committed, two), [witnessed])).toEqual(reject);
    const other = withWitness(committed, [new Uint8Array(32).fill(7)]);
    expect(check200(other, [witnessed])?.reason).toBe("bad-witness-merkle-match");
  });

  test("may be left out where there is no witness", () => {
    expect(check200(coinbase(200), [spend(1)])).toBeUndefined();
    expect(check200(coinbase(200), [witnessed])).toEqual({
      kind: "mutated",
      reason: "unexpected-witness",
      detail: "CheckWitnessMalleation : unexpected witness data found",
    });
    expect(check200(withWitness(coinbase(200), [WITNESS_RESERVED_VALUE]), [])?.reason).toBe("unexpected-witness");
  });

  test("mean nothing before activation, when no witness is allowed", () => {
    const before = regtestNetwork({ activationHeights: { segwit: 201 } }).params;
    expect(check200(committed, [witnessed], before)?.reason).toBe("unexpected-witness");
    expect(check200(withWitness(committed, []), [spend(1)], before)).toBeUndefined();
    const since = regtestNetwork({ activationHeights: { segwit: 200 } }).params;
    expect(check200(committed, [witnessed], since)).toBeUndefined();
  });

  test("are read from the last output that looks like one", () => {
    const { scriptPubKey } = witnessCommitmentOutput({ transactions: [coinbase(200), witnessed] });
    const decoy = output(0n, concatBytes(scriptPubKey.subarray(0, 6), new Uint8Array(32)));
    const outputs = (...list: Uint8Array[]) => coinbase(200, { outputs: list.map((script) => output(0n, script)) });
    const last = outputs(decoy.scriptPubKey, scriptPubKey);
    expect(witnessCommitmentIndex({ transactions: [last] })).toBe(1);
    expect(check200(commitToWitnesses(last, [witnessed]), [witnessed])).toBeUndefined();
    const first = outputs(scriptPubKey, decoy.scriptPubKey);
    expect(check200(commitToWitnesses(first, [witnessed]), [witnessed])?.reason).toBe("bad-witness-merkle-match");
  });

  test("may be longer than 38 bytes, not shorter, and begin exactly so", () => {
    const { scriptPubKey } = witnessCommitmentOutput({ transactions: [coinbase(200), witnessed] });
    const indexOf = (script: Uint8Array) =>
      witnessCommitmentIndex({ transactions: [coinbase(200, { outputs: [output(0n, script)] })] });
    expect(indexOf(concatBytes(scriptPubKey, Uint8Array.of(1, 2)))).toBe(0);
    expect(indexOf(scriptPubKey.subarray(0, 37))).toBeUndefined();
    for (let index = 0; index < 6; index++) {
      const changed = scriptPubKey.slice();
      changed[index]! ^= 1;
      expect(indexOf(changed)).toBeUndefined();
    }
    expect(witnessCommitmentIndex({ transactions: [] })).toBeUndefined();
  });
});

describe("block weight (BIP141)", () => {
  test("counts witness bytes once and others four times, up to 4,000,000", () => {
    const tip = linkAt(199);
    const weighing = (witnessSize: number) => {
      const tx = spend(1, { inputs: [input(outPoint(1), { witness: [new Uint8Array(witnessSize)] })] });
      return blockOf([commitToWitnesses(coinbase(200), [tx]), tx]);
    };
    const size = 3_000_000 + (4_000_000 - weighing(3_000_000).weight);
    expect(weighing(size).weight).toBe(4_000_000);
    expect(contextualCheckBlock(weighing(size), tip, params)).toBeUndefined();
    expect(contextualCheckBlock(weighing(size + 1), tip, params)).toEqual({
      kind: "consensus",
      reason: "bad-blk-weight",
      detail: "ContextualCheckBlock : weight limit failed",
    });
  });
});

describe("rules of a block in its chain", () => {
  test("are asked in order", () => {
    const tip = linkAt(199, { time: 1_600_000_000 });
    const locked = spend(1, {
      lockTime: 200,
      inputs: [input(outPoint(1), { sequence: 0, witness: [Uint8Array.of(1)] })],
    });
    const unlocked = spend(1, { inputs: [input(outPoint(1), { witness: [Uint8Array.of(1)] })] });
    const reasonOf = (first: Transaction, tx: Transaction) =>
      contextualCheckBlock(blockOf([first, tx]), tip, params)?.reason;
    expect(reasonOf(coinbase(201), locked)).toBe("bad-txns-nonfinal");
    expect(reasonOf(coinbase(201), unlocked)).toBe("bad-cb-height");
    expect(reasonOf(coinbase(200), unlocked)).toBe("unexpected-witness");
  });

  test("hold for genesis", () => {
    for (const network of [MAINNET, regtestNetwork()]) {
      expect(contextualCheckBlock(network.params.genesis, undefined, network.params)).toBeUndefined();
    }
  });
});

describe("mutated blocks", () => {
  const witnessed = spend(1, { inputs: [input(outPoint(1), { witness: [Uint8Array.of(1)] })] });
  const good = mineBlock(genesis, params, [witnessed, spend(2)]);

  test("are those whose transactions the header does not commit to", () => {
    expect(isBlockMutated(good, true)).toBe(false);
    expect(isBlockMutated(new Block(good.header, good.transactions.slice(1)), true)).toBe(true);
    expect(isBlockMutated(new Block(good.header, [...good.transactions, good.transactions[2]!]), true)).toBe(true);
  });

  test("are those with other witnesses, where witnesses count", () => {
    const stripped = new Transaction({ ...witnessed, inputs: [input(outPoint(1))] });
    const block = new Block(good.header, [good.transactions[0]!, stripped, good.transactions[2]!]);
    expect(isBlockMutated(block, true)).toBe(true);
    expect(isBlockMutated(good, false)).toBe(true);
    expect(isBlockMutated(blockOf([coinbase(1), spend(2)]), false)).toBe(false);
  });

  test("are those whose transactions may be a level of the tree (CVE-2017-12842)", () => {
    // Without a coinbase, and with a transaction of 64 bytes: it might be two hashes.
    const sized = (size: number) => {
      const bare = spend(1, { outputs: [output(0n, new Uint8Array(0))] });
      const scriptSig = new Uint8Array(size - bare.strippedSize);
      return spend(1, { inputs: [input(outPoint(1), { scriptSig })], outputs: [output(0n, new Uint8Array(0))] });
    };
    expect(sized(64).strippedSize).toBe(64);
    expect(isBlockMutated(blockOf([spend(2), sized(64)]), true)).toBe(true);
    expect(isBlockMutated(blockOf([spend(2), sized(65)]), true)).toBe(false);
    expect(isBlockMutated(blockOf([coinbase(1), sized(64)]), true)).toBe(false);
    expect(isBlockMutated(blockOf([]), true)).toBe(false);
  });
});

describe("building blocks", () => {
  test("commits twice to the same", () => {
    const once = commitToWitnesses(coinbase(1), [spend(1)]);
    expect(once.outputs.length).toBe(2);
    expect(commitToWitnesses(once, [spend(1)]).wtxid).toEqual(once.wtxid);
  });

  test("makes a chain that passes", () => {
    const chain = extendChain([genesis], 0, () => ({}));
    for (let count = 0; count < 5; count++) {
      const block = mineBlock(chain.at(-1)!, params, [spend(count)]);
      expect(checkBlock(block, params, ALL)).toBeUndefined();
      expect(contextualCheckBlock(block, chain.at(-1)!, params)).toBeUndefined();
      appendLink(chain, block.header);
    }
  });
});
