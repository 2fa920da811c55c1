import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LiveEvent } from "@bitfleet/api/events.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mineMany, submitAll, type Tip } from "../../chain/test-kit.ts";
import { seededRandom } from "../../mempool/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import {
  type EventServer,
  FollowedChain,
  hashesOf,
  openEventServer,
  SocketClient,
  SseClient,
} from "./event-test-kit.ts";

/**
 * A client goes by events alone, through random reorganisations and random disconnects, from server to server: two of one node, one
 * of another node that is sometimes behind. In the end it has the node's active chain, and of each transaction it was told that it
 * is confirmed exactly once more often than that it is not.
 */

const ROUNDS = 40;
const base: readonly Tip[] = spendingChain();

/** By hash. Each seed goes on where the one before it ended. */
const known = new Map<string, Tip>(base.map((tip) => [displayHash(tip.block.hash), tip]));

let folder: string;
let nodes: readonly TestNode[];
let servers: EventServer[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-event-model-"));
  const open = (name: string) => openTestNode(join(folder, name), base);
  nodes = await Promise.all([open("a"), open("b")]);
  servers = await Promise.all([nodes[0]!, nodes[0]!, nodes[1]!].map((node) => openEventServer(node)));
}, 60_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await Promise.all(nodes.map((node) => node.close()));
  await rm(folder, { recursive: true, force: true });
});

/** What a client knows, and where it left. */
class Follower {
  readonly chain: FollowedChain;
  /** Heights of confirmed transactions above the base. */
  readonly confirmed = new Map<string, number>();
  cursor: string | undefined;
  #applied = 0;
  #client: SocketClient | SseClient | undefined;

  constructor(hashes: readonly string[]) {
    this.chain = new FollowedChain(hashes);
  }

  async connect(host: string, useSocket: boolean): Promise<void> {
    const Client = useSocket ? SocketClient : SseClient;
    this.#client = await Client.open(host, "blocks,transactions", this.cursor);
    this.#applied = 0;
  }

  /** Applies what came, but for the last events, which it pretends not to have got. */
  disconnect(unreadCount: number): void {
    this.applyUpTo(this.#client!.events.length - unreadCount);
    this.#client!.close();
  }

  async untilChainIs(hashes: readonly string[]): Promise<void> {
    const isThere = () => {
      this.applyUpTo(this.#client!.events.length);
      return this.chain.hashes.length === hashes.length && this.chain.hashes.at(-1) === hashes.at(-1);
    };
    await this.#client!.until(isThere);
  }

  async untilConfirmed(count: number): Promise<void> {
    await this.#client!.until(() => {
      this.applyUpTo(this.#client!.events.length);
      return this.confirmed.size === count;
    });
  }

  applyUpTo(count: number): void {
    for (; this.#applied < count; this.#applied++) this.#apply(this.#client!.events[this.#applied]!);
  }

  #apply(event: LiveEvent): void {
    this.chain.apply(event);
    this.cursor = event.cursor;
    if (event.type === "reset") throw new Error("nothing here is that long");
    if (event.type === "transaction-confirmed") {
      if (this.confirmed.has(event.txid)) throw new Error(`${event.txid} was confirmed twice`);
      this.confirmed.set(event.txid, event.height);
    } else if (event.type === "transaction-disconnected") {
      if (!this.confirmed.delete(event.txid)) throw new Error(`${event.txid} was not confirmed`);
    } else if (event.type === "chain-rewound") {
      for (const [txid, height] of this.confirmed) if (height > event.height) this.confirmed.delete(txid);
    }
  }
}

test.each([1, 2, 3])("a client ends with the node's chain, whatever happens (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  const [first, second] = nodes as readonly [TestNode, TestNode];
  const start = hashesOf(first.chain);
  const floor = first.chain.height;
  const follower = new Follower(start);
  let isConnected = false;
  let salt = seed * 100_000;
  const tipOf = ({ chain }: TestNode): Tip => known.get(displayHash(chain.tip.hash))!;
  const unsent: Tip[] = [];
  const bringSecondUp = async () => {
    await submitAll(second.chain, unsent.splice(0));
  };
  const extend = async (from: Tip, count: number) => {
    const branch = mineMany(from, count, { salt: salt++ });
    for (const tip of branch) known.set(displayHash(tip.block.hash), tip);
    await submitAll(first.chain, branch);
    unsent.push(...branch);
  };
  const steps: readonly (() => Promise<unknown>)[] = [
    () => extend(tipOf(first), 1 + random(3)),
    () => {
      const depth = Math.min(1 + random(6), first.chain.height - floor);
      const from = known.get(displayHash(first.chain.blockAt(first.chain.height - depth)!.hash))!;
      return extend(from, depth + 1);
    },
    bringSecondUp,
    async () => {
      if (isConnected) follower.disconnect(random(4));
      isConnected = false;
    },
    async () => {
      if (isConnected) return;
      // A server that is behind would have the client wait.
      const server = random(3);
      if (server === 2) await bringSecondUp();
      await follower.connect(servers[server]!.host, random(2) === 0);
      isConnected = true;
    },
  ];
  // The first hello is where it begins.
  await follower.connect(servers[0]!.host, true);
  isConnected = true;
  for (let round = 0; round < ROUNDS; round++) await steps[random(steps.length)]!();
  if (isConnected) follower.disconnect(random(4));
  await extend(tipOf(first), 1);
  await bringSecondUp();
  for (const server of [2, 0, 1]) {
    await follower.connect(servers[server]!.host, true);
    await follower.untilChainIs(hashesOf(first.chain));
    follower.disconnect(0);
  }
  expect(follower.chain.hashes).toEqual(hashesOf(second.chain));
  await follower.connect(servers[1]!.host, true);
  const added = start.length;
  const expected = hashesOf(first.chain)
    .slice(added)
    .flatMap((hash) => known.get(hash)!.block.transactions.map(({ txid }) => displayHash(txid)));
  await follower.untilConfirmed(expected.length);
  expect([...follower.confirmed.keys()].sort()).toEqual(expected.sort());
  follower.disconnect(0);
});
