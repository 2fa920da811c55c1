import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { SeededRandom } from "../differential/random.ts";
import { BlockWalk } from "./block-walk.ts";
import { buildMempoolChain } from "./mempool-chain.ts";
import { eventually, TestNode, temporaryFolder } from "./test-node.ts";
import { compareAddresses, Ledger } from "./web-address-truth.ts";
import { type Answered, WebPair } from "./web-pair.ts";

/**
 * A node that is killed while it takes blocks, reorganises, rebuilds everything or makes its index of addresses: once it is up again
 * and the index is current, each script has what the blocks say. Set SEED and ROUNDS to see other lives.
 */
const seed = Number(process.env.SEED ?? 1);
const roundCount = Number(process.env.ROUNDS ?? 3);

const STEPS_MAX = 12;
const KILL_DELAY_MS_MAX = 400;
/** Beyond all times of the walk, so that a node that starts knows no block of the future. */
const CLOCK_AHEAD_SECONDS = 30_000_000;

test("what addresses have outlives kills", { timeout: 1_200_000 }, async () => {
  const random = new SeededRandom(seed);
  const chain = buildMempoolChain();
  const dataDir = temporaryFolder();
  const webPort = await freePort();
  const clock = `-mocktime=${chain.blocks.at(-1)!.header.time + CLOCK_AHEAD_SECONDS}`;
  const always = ["-txindex=1", "-txospenderindex=1", `-webport=${webPort}`, clock];
  const walk = new BlockWalk(random, chain);
  const blocks = new Map<string, Answered>();
  let node = await TestNode.start(dataDir, always);
  for (const block of chain.blocks) expect(await node.call("submitblock", toHex(block.bytes))).toBeNull();
  // On disk, whatever comes.
  expect(await node.stop()).toMatchObject({ code: 0 });
  node = await TestNode.start(dataDir, always);
  for (let round = 0; round < roundCount; round++) {
    const kill = async () => {
      await new Promise((resume) => setTimeout(resume, random.below(KILL_DELAY_MS_MAX)));
      await node.signal("SIGKILL");
    };
    const killed = kill();
    for (let count = 1 + random.below(STEPS_MAX); count > 0; count--) {
      if (!(await step(node, walk))) break;
    }
    await killed;
    // The start is cut off too: with the index rebuilt, left out, or everything made anew.
    for (let count = random.below(3); count > 0; count--) {
      const extra = random.pick(["-addressindex=1", "-addressindex=0", "-reindex=1", "-reindex-chainstate=1"]);
      node = await TestNode.spawn(dataDir, [...always, extra]);
      await kill();
    }
    node = await TestNode.start(dataDir, [...always, ...(random.oneIn(4) ? ["-reindex=1"] : [])]);
    const best = await settled(node, webPort, chain.tipHeight);
    walk.settle(best);
    const pair = WebPair.ofOne(node, webPort);
    const ledger = await Ledger.of(pair, blocks);
    await compareAddresses(pair, ledger, [...ledger.accounts.keys()]).catch((error: Error) => {
      throw new Error(`seed ${seed}, round ${round}: ${error.message}`, { cause: error });
    });
    pair.close();
  }
});

/** Whether the node lived. */
async function step(node: TestNode, walk: BlockWalk): Promise<boolean> {
  try {
    const { calls } = walk.next(await node.call("getrawmempool"));
    for (const { method, params } of calls) {
      if (method !== "setmocktime") await node.call(method, ...params).catch(alive(node));
    }
    walk.settle(await node.call("getbestblockhash"));
    return true;
  } catch {
    return false;
  }
}

/** What a node refuses is no matter here; that it is gone is. */
const alive = (node: TestNode) => async () => {
  await node.call("getblockcount");
};

/** Resolves with the tip once the chain is loaded and all indexes are there; until then no answer is a wrong one. */
function settled(node: TestNode, webPort: number, heightMin: number): Promise<string> {
  return eventually(async () => {
    const { status, body } = await answerOf(webPort);
    if (status !== 200) expect([status, body.error === null], body.error ?? "").toEqual([503, false]);
    const info = await node.call<Answered>("getindexinfo");
    const best = await node.call<string>("getbestblockhash");
    const { blocks, headers } = await node.call<Answered>("getblockchaininfo");
    const indexes = Object.values<Answered>(info);
    const isDone =
      indexes.length >= 3 && indexes.every(({ synced }) => synced) && blocks === headers && blocks >= heightMin;
    return isDone && status === 200 && body.data.block_hash === best ? best : undefined;
  });
}

async function answerOf(webPort: number): Promise<Answered> {
  const path = "/api/v1/addresses/bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080/balance";
  const reply = await fetch(`http://127.0.0.1:${webPort}${path}`);
  return { status: reply.status, body: await reply.json() };
}
