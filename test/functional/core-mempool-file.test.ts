import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { CORE, OURS, type Program } from "./interop-node.ts";
import { buildMempoolChain, type MempoolChain } from "./mempool-chain.ts";
import { Walk } from "./mempool-walk.ts";
import { eventually, TestNode, temporaryFolder } from "./test-node.ts";

/**
 * mempool.dat goes from our node to Bitcoin Core and back: either reads what the other wrote, whole. Set CORE_BITCOIND to the
 * path of a bitcoind to run this, and SEED to other transactions.
 */
if (CORE === undefined) {
  console.warn("core-mempool-file: skipped, CORE_BITCOIND names no bitcoind");
  test.skip("CORE_BITCOIND names no bitcoind", () => {});
} else {
  describeWith(CORE);
}

const STEP_COUNT = 200;
/** Of a transaction that neither node knows. */
const ABSENT = "ab".repeat(32);

function describeWith(core: Program): void {
  const chain = buildMempoolChain();

  describe.each([
    { writer: OURS, reader: core },
    { writer: core, reader: OURS },
    { writer: OURS, reader: OURS },
  ])("$writer.name writes, $reader.name reads", ({ writer, reader }) => {
    test.each([
      ["version 2", []],
      ["version 1", ["-persistmempoolv1"]],
    ])("%s", { timeout: 120_000 }, async (_name, args) => {
      const readerDir = temporaryFolder();
      const target = await startWithChain(reader, chain, readerDir, []);
      const { networkDir } = target;
      expect(await target.stop()).toMatchObject({ code: 0, stderr: "" });

      const source = await startWithChain(writer, chain, temporaryFolder(), args);
      await liveThrough(source, chain);
      const before = await contentsOf(source);
      expect(Object.keys(before.entries).length).toBeGreaterThan(10);
      expect(await source.stop()).toMatchObject({ code: 0, stderr: "" });
      copyFileSync(join(source.networkDir, "mempool.dat"), join(networkDir, "mempool.dat"));

      const after = await TestNode.start(readerDir, [], reader.path);
      await eventually(async () =>
        (await after.call<{ loaded: boolean }>("getmempoolinfo")).loaded ? true : undefined,
      );
      expect(await contentsOf(after)).toEqual(before);
      expect(await after.stop()).toMatchObject({ code: 0, stderr: "" });
    });
  });
}

async function startWithChain(program: Program, chain: MempoolChain, dataDir: string, args: readonly string[]) {
  const node = await TestNode.start(dataDir, [...args], program.path);
  for (const block of chain.blocks) expect(await node.call("submitblock", toHex(block.bytes))).toBeNull();
  return node;
}

/**
 * Sends, replaces and prioritises as chance has it. Each transaction pays for itself: what only its child or a package paid for
 * is not taken again by itself, by neither program.
 */
async function liveThrough(node: TestNode, chain: MempoolChain): Promise<void> {
  const walk = new Walk(new SeededRandom(Number(process.env.SEED ?? 1)), chain);
  for (let count = 0; count < STEP_COUNT; count++) {
    const { method, params } = walk.next(new Set(await node.call<string[]>("getrawmempool")));
    if (method === "submitpackage") continue;
    const raised = method === "prioritisetransaction" ? params.map(raise) : params;
    await node.call(method, ...raised).catch(() => undefined);
  }
  await node.call("prioritisetransaction", ABSENT, null, -77);
}

const raise = (param: unknown) => (typeof param === "number" ? Math.abs(param) : param);

interface Entry {
  readonly spentby: readonly string[];
}

/** All that is to outlive a restart. */
async function contentsOf(node: TestNode) {
  const entries = await node.call<Record<string, Entry>>("getrawmempool", true);
  const { unbroadcastcount, total_fee, size } = await node.call<Record<string, number>>("getmempoolinfo");
  return {
    entries: Object.fromEntries(
      Object.entries(entries).map(([txid, entry]) => [txid, { ...entry, spentby: [...entry.spentby].sort() }]),
    ),
    deltas: await node.call("getprioritisedtransactions"),
    unbroadcastcount,
    total_fee,
    size,
  };
}
