import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import {
  type BlockHash,
  displayHash,
  type OutPointKey,
  parseDisplayHash,
} from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KvStore, Logger } from "../ports.ts";
import type { BlockFileInfo } from "../storage/block-file-info.ts";
import { type BlockStorage, openBlockFiles } from "../storage/block-files.ts";
import { scanBlockFiles } from "../storage/block-scan.ts";
import {
  BLOCK_INDEX_FROM,
  BLOCK_INDEX_TO,
  blockFileKey,
  blockIndexKey,
  LAST_BLOCK_FILE_KEY,
} from "../storage/keyspace.ts";
import { openLevelStore } from "../storage/level-store.ts";
import {
  BlockStatus,
  decodeBlockFileInfo,
  decodeBlockIndexEntry,
  decodeFileNumber,
  encodeBlockFileInfo,
  encodeBlockIndexEntry,
  encodeFileNumber,
  type StoredBlockIndexEntry,
} from "./block-index-codec.ts";
import { decodeUndo, encodeUndo } from "./coin-codec.ts";
import { CoinsCache } from "./coins.ts";
import { computeUtxoStats } from "./utxo-stats.ts";

/**
 * Bitcoin Core's data directory in our hands and ours in Core's. Runs where the environment variable CORE_BITCOIND names a
 * bitcoind; skipped, and shown as such, elsewhere.
 */
const bitcoind = process.env.CORE_BITCOIND;
if (bitcoind === undefined) process.stderr.write("core-datadir.test.ts is skipped: CORE_BITCOIND names no bitcoind\n");

const REGTEST_MAGIC = fromHex("fabfb5da");
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** Key pair 1 of the curve: WIF on regtest, compressed and uncompressed public key. */
const WIF = "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA";
const COMPRESSED = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const UNCOMPRESSED =
  "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" +
  "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

/** Pays to the witness hash of {@link COMPRESSED}. */
const P2WPKH_SCRIPT = "0014751e76e8199196d454941c45d1b3a323f1433bd6";

class Core {
  readonly #child: ChildProcess;
  readonly #datadir: string;
  readonly #port: number;
  #output = "";

  constructor(datadir: string, port: number, options: readonly string[]) {
    this.#datadir = datadir;
    this.#port = port;
    const fixed = ["-regtest", "-listen=0", "-dnsseed=0", "-fixedseeds=0", "-connect=0", "-rpcbind=127.0.0.1"];
    this.#child = spawn(bitcoind!, [
      ...fixed,
      ...["-rpcallowip=127.0.0.1", "-printtoconsole=1", `-datadir=${datadir}`, `-rpcport=${port}`, ...options],
    ]);
    this.#child.stdout?.on("data", (text) => {
      this.#output += text;
    });
    this.#child.stderr?.on("data", (text) => {
      this.#output += text;
    });
  }

  static async start(datadir: string, ...options: readonly string[]): Promise<Core> {
    const core = new Core(datadir, await freePort(), options);
    await core.#ready();
    return core;
  }

  async #ready(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`bitcoind ended: ${this.#output.slice(-2000)}`);
      try {
        await this.call("getblockcount");
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of another program
  async call(method: string, ...params: unknown[]): Promise<any> {
    const cookie = await readFile(join(this.#datadir, "regtest", ".cookie"), "utf8");
    const response = await fetch(`http://127.0.0.1:${this.#port}/`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}` },
      body: JSON.stringify({ id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: unknown; error: unknown };
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    await this.call("stop");
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Two hundred blocks that pay to every kind of script, with spends of each in the last ones. */
async function makeChain(core: Core): Promise<void> {
  const kinds = [
    `pk(${COMPRESSED})`,
    `pk(${UNCOMPRESSED})`,
    `pkh(${COMPRESSED})`,
    `sh(wpkh(${COMPRESSED}))`,
    `wpkh(${COMPRESSED})`,
    `tr(${COMPRESSED.slice(2)})`,
    `multi(1,${COMPRESSED})`,
    "raw(6a0568656c6c6f)",
    "raw(51)",
  ];
  const descriptors: string[] = [];
  for (const kind of kinds) descriptors.push(`${kind}#${(await core.call("getdescriptorinfo", kind)).checksum}`);
  for (let count = 0; count < 180; count++) {
    await core.call("generatetodescriptor", 1, descriptors[count % descriptors.length]);
  }
  for (let height = 1; height <= 20; height++) {
    const kind = kinds[(height - 1) % kinds.length]!;
    const isSpendable = /^(pk\(02|pkh|wpkh|sh|multi)/.test(kind);
    const transactions = isSpendable ? [await spendCoinbase(core, height)] : [];
    await core.call("generateblock", descriptors[4]!, transactions);
  }
}

async function spendCoinbase(core: Core, height: number): Promise<string> {
  const block = await core.call("getblock", await core.call("getblockhash", height), 2);
  const coinbase = block.tx[0];
  const outputs = [
    "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry",
    "2N7FuwuUuoTBrDFdrAZ9KxBmtqMLxce9i1C",
  ];
  const raw = await core.call(
    "createrawtransaction",
    [{ txid: coinbase.txid, vout: 0 }],
    [{ [outputs[0]!]: 12.34567891 }, { [outputs[1]!]: 0.00000001 }, { data: "00ff" }, { [outputs[2]!]: 37 }],
  );
  const { hex: scriptPubKey, type } = coinbase.vout[0].scriptPubKey;
  const redeemScript = type === "scripthash" ? { redeemScript: P2WPKH_SCRIPT } : {};
  const previous = { txid: coinbase.txid, vout: 0, scriptPubKey, amount: 50, ...redeemScript };
  const signed = await core.call("signrawtransactionwithkey", raw, [WIF], [previous]);
  if (!signed.complete) throw new Error(JSON.stringify(signed));
  return signed.hex;
}

interface OpenDirectory {
  readonly index: KvStore;
  readonly chainstate: KvStore;
  readonly files: BlockStorage;
  readonly entries: readonly StoredBlockIndexEntry[];
  close(): Promise<void>;
}

async function openDirectory(datadir: string): Promise<OpenDirectory> {
  const network = join(datadir, "regtest");
  const store = (name: string, isObfuscated: boolean) =>
    openLevelStore(join(network, name), {
      cacheBytes: 1 << 20,
      obfuscate: isObfuscated,
      repairOption: "-reindex",
    });
  const index = await store("blocks/index", false);
  const chainstate = await store("chainstate", true);
  const entries: StoredBlockIndexEntry[] = [];
  for await (const { key, value } of index.iterate({ from: BLOCK_INDEX_FROM, to: BLOCK_INDEX_TO })) {
    const entry = decodeBlockIndexEntry(value);
    expect(toHex(blockIndexKey(entry.header.hash))).toBe(toHex(key));
    expect(toHex(encodeBlockIndexEntry(entry))).toBe(toHex(value));
    entries.push(entry);
  }
  entries.sort((a, b) => a.height - b.height);
  const infos: BlockFileInfo[] = [];
  const last = await index.get(LAST_BLOCK_FILE_KEY);
  for (let file = 0; last !== undefined && file <= decodeFileNumber(last); file++) {
    const stored = await index.get(blockFileKey(file));
    infos.push(decodeBlockFileInfo(stored!));
    expect(toHex(encodeBlockFileInfo(infos[file]!))).toBe(toHex(stored!));
  }
  const files = await openBlockFiles({
    blocksPath: join(network, "blocks"),
    magic: REGTEST_MAGIC,
    useXor: true,
    files: infos,
  });
  const close = async () => {
    await files.close();
    await index.close();
    await chainstate.close();
  };
  return { index, chainstate, files, entries, close };
}

describe.skipIf(bitcoind === undefined)("data directory of Bitcoin Core", () => {
  const directories: string[] = [];
  let coreDirectory = "";
  // biome-ignore lint/suspicious/noExplicitAny: answers of another program
  const answers: Record<string, any> = {};

  async function newDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "bitfleet-core-"));
    directories.push(directory);
    return directory;
  }

  beforeAll(async () => {
    coreDirectory = await newDirectory();
    const core = await Core.start(coreDirectory);
    await makeChain(core);
    for (const type of ["hash_serialized_3", "muhash", "none"]) {
      answers[type] = await core.call("gettxoutsetinfo", type);
    }
    await core.stop();
  }, 120_000);

  afterAll(async () => {
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
  });

  test("blocks and undo data read back, entries and undo data encode to the same bytes", async () => {
    const { files, entries, close } = await openDirectory(coreDirectory);
    expect(entries.length).toBe(201);
    for (const entry of entries) {
      const block = decodeBlock(await files.readBlock({ file: entry.file, offset: entry.dataOffset }));
      expect(displayHash(block.hash)).toBe(displayHash(entry.header.hash));
      expect(block.transactions.length).toBe(entry.transactionCount);
      if (entry.height === 0) continue;
      const position = { file: entry.file, offset: entry.undoOffset };
      const bytes = await files.readUndo(position, entry.header.previousBlockHash);
      const undo = decodeUndo(bytes);
      expect(undo.transactions.length).toBe(block.transactions.length - 1);
      expect(toHex(encodeUndo(undo))).toBe(toHex(bytes));
    }
    await close();
  });

  test("a scan of the files finds every block", async () => {
    const found: string[] = [];
    const blocksPath = join(coreDirectory, "regtest", "blocks");
    for await (const { block } of scanBlockFiles({ blocksPath, magic: REGTEST_MAGIC, useXor: true })) {
      found.push(displayHash(block.hash));
    }
    expect(found.length).toBe(201);
    expect(found.at(-1)).toBe(answers.none.bestblock);
  });

  test.each(["hash_serialized_3", "muhash", "none"] as const)("gettxoutsetinfo %s", async (hash) => {
    const { chainstate, close } = await openDirectory(coreDirectory);
    const coins = await CoinsCache.open({ cacheBytes: 1 << 20 }, { store: chainstate, log: silent });
    const snapshot = await coins.snapshot();
    const stats = await computeUtxoStats(snapshot, { hash });
    const expected = answers[hash];
    expect(displayHash(stats.bestBlock!)).toBe(expected.bestblock);
    expect(stats.transactions).toBe(expected.transactions);
    expect(stats.txouts).toBe(expected.txouts);
    expect(stats.bogosize).toBe(expected.bogosize);
    expect(Number(stats.totalAmount) / 1e8).toBe(expected.total_amount);
    if (hash !== "none") expect(displayHash(stats.hash!)).toBe(expected[hash]);
    await snapshot.close();
    await close();
  });

  test("a directory written by us opens in Core, passes its checks and grows", async () => {
    const source = await openDirectory(coreDirectory);
    const directory = await newDirectory();
    const target = await openDirectory(directory);
    const batch = target.index.newBatch();
    for (const entry of source.entries) {
      const bytes = await source.files.readBlock({ file: entry.file, offset: entry.dataOffset });
      const { header, height, status } = entry;
      const data = target.files.appendBlock(bytes, height, header.time);
      let undoOffset = 0;
      if (status & BlockStatus.HAVE_UNDO) {
        const previous = header.previousBlockHash;
        const undo = await source.files.readUndo({ file: entry.file, offset: entry.undoOffset }, previous);
        undoOffset = target.files.appendUndo(data.file, undo, previous).offset;
      }
      const copy = { ...entry, file: data.file, dataOffset: data.offset, undoOffset };
      batch.put(blockIndexKey(header.hash), encodeBlockIndexEntry(copy));
    }
    await target.files.flush();
    for (const [file, info] of target.files.takeDirtyFiles()) batch.put(blockFileKey(file), encodeBlockFileInfo(info));
    batch.put(LAST_BLOCK_FILE_KEY, encodeFileNumber(0));
    await target.index.write(batch, { sync: true });

    const old = await CoinsCache.open({ cacheBytes: 1 << 20 }, { store: source.chainstate, log: silent });
    const snapshot = await old.snapshot();
    const options = { cacheBytes: 1 << 20, batchBytes: 1000 };
    const coins = await CoinsCache.open(options, { store: target.chainstate, log: silent });
    const created: (readonly [OutPointKey, Coin])[] = [];
    for await (const coin of snapshot.coins()) created.push(coin);
    coins.apply({ spent: [], created }, { hash: parseDisplayHash<BlockHash>(answers.none.bestblock)! });
    await coins.flush({ sync: true, emptyCache: true });
    await snapshot.close();
    await source.close();
    await target.close();

    const core = await Core.start(directory, "-checkblocks=0", "-checklevel=4");
    expect(await core.call("getblockcount")).toBe(200);
    expect(await core.call("verifychain", 4, 0)).toBe(true);
    expect((await core.call("gettxoutsetinfo")).hash_serialized_3).toBe(answers.hash_serialized_3.hash_serialized_3);
    const descriptor = `raw(51)#${(await core.call("getdescriptorinfo", "raw(51)")).checksum}`;
    await core.call("generatetodescriptor", 3, descriptor);
    await core.call("invalidateblock", await core.call("getblockhash", 190));
    expect(await core.call("getblockcount")).toBe(189);
    await core.stop();
  }, 60_000);
});
