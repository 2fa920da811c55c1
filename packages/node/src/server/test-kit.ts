import { join } from "node:path";
import { parseJson, toPlain } from "@bitfleet/api/json.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Chain, ChainOptions } from "../chain/chain.ts";
import {
  GENESIS,
  type MemoryLog,
  mineMany,
  mineSpending,
  openTestChain,
  submitAll,
  type Tip,
} from "../chain/test-kit.ts";
import { SystemClock, systemRandom } from "../clock.ts";
import { readConfig } from "../config/config.ts";
import { NO_INDEXES, type NodeIndexes } from "../indexes/node-indexes.ts";
import type { NodeFees } from "../mempool/fee-advice.ts";
import { FeeKeeper } from "../mempool/fee-keeper.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { VERSION_OBFUSCATED } from "../mempool/mempool-file.ts";
import { MempoolKeeper } from "../mempool/mempool-keeper.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import { Generator } from "../mining/generate.ts";
import { Miner } from "../mining/miner.ts";
import { tcpSockets } from "../p2p/connections/tcp-sockets.ts";
import { P2pNode } from "../p2p/p2p-node.ts";
import { passwordCredential } from "./rpc/auth.ts";
import type { NodeControl, RpcHandlers } from "./rpc/rpc-dependencies.ts";
import { RpcDispatcher } from "./rpc/rpc-dispatch.ts";
import { createRpcHandlers } from "./rpc/rpc-handlers.ts";

/** A regtest node's interfaces over a real chain in a temporary directory. */

export const USER = "alice";
export const PASSWORD = "correct horse";
export const CREDENTIALS = [passwordCredential(USER, PASSWORD, systemRandom)];
export const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;

/** 120 blocks of which the last fifteen spend coins. */
export function spendingChain(): readonly Tip[] {
  const rewards = mineMany(GENESIS, 105);
  return [...rewards, ...mineSpending(rewards, 15)];
}

export interface TestNode {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly fees: NodeFees;
  readonly indexes: NodeIndexes;
  /** None: tests that need it put it together themselves. */
  readonly addresses: undefined;
  readonly generator: Generator;
  readonly miner: Miner;
  readonly mempoolKeeper: MempoolKeeper;
  readonly p2p: P2pNode;
  readonly clock: SystemClock;
  readonly log: MemoryLog;
  readonly secp256k1: typeof portableSecp256k1;
  readonly handlers: RpcHandlers;
  readonly stopRequested: () => boolean;
  /** The answer to a call, parsed: `{ result, error, id }`. */
  call(method: string, params?: unknown): Promise<Answer>;
  /** The answer to a whole request as text, parsed. */
  answer(body: string): Promise<Answer>;
  /** The answer's result as text. */
  resultText(method: string, params?: unknown): Promise<string>;
  close(): Promise<void>;
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly result: any;
  readonly error: { readonly code: number; readonly message: string } | null;
  readonly id: unknown;
}

export async function openTestNode(
  dataPath: string,
  tips: readonly Tip[] = [],
  deprecated: readonly string[] = [],
  chainOptions: Partial<ChainOptions> = {},
  p2pPort?: number,
): Promise<TestNode> {
  const clock = new SystemClock();
  const { chain, log } = await openTestChain(dataPath, chainOptions, { clock });
  await submitAll(chain, tips);
  await chain.events.drained();
  const mempool = openTestMempool(chain, clock, log);
  const keeper = await FeeKeeper.open(
    { path: join(dataPath, "fee_estimates.dat"), acceptsStale: false },
    { chain, mempool, clock, scheduler: clock.scheduler, machineNowMs: () => Date.now(), log },
  );
  const fees: NodeFees = { estimator: keeper.estimator, mempool, fallbackFeerateSatPerKvb: 0n };
  const mempoolKeeper = new MempoolKeeper(
    { path: join(dataPath, "mempool.dat"), isPersistent: false, fileVersion: VERSION_OBFUSCATED },
    { mempool, clock, random: systemRandom, log },
  );
  const signal = new AbortController().signal;
  const generator = new Generator({}, { chain, mempool, clock, random: systemRandom, signal });
  const miner = new Miner(
    { id: "000000000000", pacing: "off", intervalMs: 10_000, script: undefined },
    { chain, mempool, generator, search: { hashesPerSecond: 0, hashCount: 0n }, clock, random: systemRandom, log },
  );
  miner.start();
  const categories: Record<string, boolean> = { rpc: false, net: false, http: false };
  let stopped = false;
  const control: NodeControl = {
    requestStop: () => {
      stopped = true;
    },
    uptimeSeconds: () => 42,
    debugLogPath: "/somewhere/debug.log",
    setMockTime: (seconds) => clock.setMockTime(seconds),
    mockTimeSeconds: () => clock.mockTimeSeconds,
    moveSchedulerForward: (seconds) => clock.scheduler.moveForward(seconds * 1000),
    logging: {
      categories: () => categories,
      enable: (category, on) => {
        if (!(category in categories)) return false;
        categories[category] = on;
        return true;
      },
    },
  };
  const p2p = await openTestPeers(dataPath, { chain, mempool, clock, log }, p2pPort);
  const handlers = createRpcHandlers({
    chain,
    mempool,
    fees,
    mempoolKeeper,
    p2p,
    indexes: NO_INDEXES,
    generator,
    miner,
    zmq: [],
    control,
    secp256k1: portableSecp256k1,
    clock,
    log,
    deprecated,
    userAgent: "/Bitfleet:test/",
  });
  const dispatcher = new RpcDispatcher({}, { clock, log });
  dispatcher.ready(handlers);
  const answerTo = async (body: string) =>
    (await dispatcher.answer(body, { user: USER, wallet: undefined, signal })).body!;
  const bodyOf = (method: string, params: unknown) =>
    answerTo(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  const parsed = (text: string): Answer => {
    const answer = toPlain(parseJson(text)) as Answer;
    return { ...answer, result: answer.result ?? null, error: answer.error ?? null };
  };
  return {
    chain,
    mempool,
    fees,
    mempoolKeeper,
    indexes: NO_INDEXES,
    addresses: undefined,
    generator,
    miner,
    p2p,
    clock,
    log,
    secp256k1: portableSecp256k1,
    handlers,
    stopRequested: () => stopped,
    call: async (method, params = []) => parsed(await bodyOf(method, params)),
    answer: async (body) => parsed(await answerTo(body)),
    resultText: async (method, params = []) => resultOfText(await bodyOf(method, params)),
    close: async () => {
      await miner.stop();
      await p2p.stop();
      await keeper.close();
      mempool.close();
      await chain.close();
    },
  };
}

interface TestParts {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly clock: SystemClock;
  readonly log: MemoryLog;
}

/** A place in the network with real sockets that connects to nobody by itself, and listens only where a port is given. */
async function openTestPeers(
  dataPath: string,
  { chain, mempool, clock, log }: TestParts,
  port?: number,
): Promise<P2pNode> {
  const listening = port === undefined ? ["-listen=0"] : [`-bind=127.0.0.1:${port}`, "-listenonion=0"];
  // No test asks a name server: names that a test makes up are nobody's.
  const args = ["-regtest", ...listening, "-noconnect", "-dns=0", `-datadir=${dataPath}`];
  const outcome = readConfig(args, { defaultDataDir: dataPath, workingDir: dataPath }, "test");
  if (!("config" in outcome)) throw new Error("the configuration was not read");
  const { config } = outcome;
  const p2p = await P2pNode.load(
    {
      ...config.p2p,
      network: config.network,
      networkDir: config.networkDir,
      userAgent: "/Bitfleet:test/",
      minimumChainwork: 0n,
      minRelayFeerate: 100n,
      isOwnNetwork: false,
    },
    {
      chain,
      mempool,
      filterIndex: undefined,
      sockets: tcpSockets(systemRandom),
      clock,
      scheduler: clock.scheduler,
      random: systemRandom,
      log,
      yield: () => new Promise((resolve) => setImmediate(resolve)),
      onFatal: (error) => {
        throw error;
      },
    },
  );
  await p2p.start();
  return p2p;
}

/** The text of the result in a version 2 answer with id 1. */
export function resultOfText(body: string): string {
  const match = /^\{"jsonrpc":"2\.0","(result|error)":(.*),"id":1\}\n$/s.exec(body);
  if (match === null) throw new Error(`unexpected answer: ${body.slice(0, 200)}`);
  return `${match[1] === "error" ? "error: " : ""}${match[2]}`;
}
