import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiError } from "@bitfleet/api/errors.ts";
import {
  type EventClientOptions,
  type EventSubscription,
  followEvents,
  QUEUE_MAX,
} from "@bitfleet/api/event-client.ts";
import type { LiveEvent } from "@bitfleet/api/events.ts";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { mineMany, rewardOf, spend, submitAll, type Tip } from "../../chain/test-kit.ts";
import { ApiKeys } from "../access/api-keys.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { type EventServer, FollowedChain, hashesOf, openEventServer, SocketClient } from "./event-test-kit.ts";

/** The client of packages/api, against real servers. */

const base: readonly Tip[] = spendingChain();
const KEY = "k".repeat(32);

let folder: string;
let node: TestNode;
let tip = base.at(-1)!;
let salt = 9000;
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-event-client-"));
  node = await openTestNode(folder, base);
}, 60_000);

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

async function grow(count: number): Promise<void> {
  const blocks = mineMany(tip, count, { salt: salt++ });
  await submitAll(node.chain, blocks);
  tip = blocks.at(-1)!;
}

const portOf = ({ host }: EventServer) => Number(host.split(":")[1]);

describe.each([
  ["WebSocket", { WebSocket }],
  ["Server-Sent Events", { WebSocket: null }],
] as const)("over %s", (_, transport) => {
  const follow = (server: EventServer, options: Partial<EventClientOptions> = {}): EventSubscription => {
    const subscription = followEvents({ baseUrl: `http://${server.host}`, random: () => 0, ...transport, ...options });
    opened.push(subscription);
    return subscription;
  };

  test("it follows the chain through servers that come and go", async () => {
    let server = await openEventServer(node);
    const port = portOf(server);
    const chain = new FollowedChain(hashesOf(node.chain));
    const subscription = follow(server);
    const isThere = () => chain.hashes.length === node.chain.height + 1;
    let rounds = 0;
    for await (const event of subscription) {
      chain.apply(event);
      if (!isThere() || event.type === "tip-changed") continue;
      expect(chain.hashes).toEqual(hashesOf(node.chain));
      if (rounds === 3) break;
      rounds++;
      // Another instance, which rebuilds what was missed.
      await server.close();
      await grow(rounds);
      if (rounds === 2) {
        const branch = mineMany(base.at(-1)!, tip.height - base.length + 1, { salt: salt++ });
        await submitAll(node.chain, branch);
        tip = branch.at(-1)!;
      }
      server = await openEventServer(node, { port });
    }
    expect(rounds).toBe(3);
    await server.close();
  });

  test("a consumer that is slow misses nothing, and nothing piles up in it", async () => {
    const server = await openEventServer(node);
    opened.push(server);
    await node.mempool.accept(spend([rewardOf(base[0]!)], { fee: 10_000n * BigInt(salt++) }));
    const [entry] = node.mempool.entries();
    const subscription = follow(server, { topics: ["transactions"] });
    const events = subscription[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: "hello" });
    const count = 3 * QUEUE_MAX;
    for (let sequence = 0; sequence < count; sequence++) {
      const timed = new Proxy(entry!, {
        get: (target, key) => (key === "timeSeconds" ? sequence : Reflect.get(target, key, target)),
      });
      node.mempool.events.emit({
        type: "transaction-added",
        ...{ entry: timed, spentOutputs: [], arrival: "alone", sequence },
      });
    }
    const times: number[] = [];
    while (times.length < count) {
      const event = (await events.next()).value as LiveEvent;
      if (event.type === "transaction-added") times.push(event.time);
      expect(event.type).not.toBe("gap");
    }
    expect(times).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  test("its topics can be changed while it runs", async () => {
    const server = await openEventServer(node);
    opened.push(server);
    const subscription = follow(server, { topics: ["peers"] });
    for await (const event of subscription) {
      if (event.type === "hello" && !event.topics.includes("blocks")) subscription.change({ add: ["blocks"] });
      else if (event.type === "hello" || event.type === "subscribed") await grow(1);
      else if (event.type === "tip-changed") break;
    }
    expect(server.stream.counts().sent).toBeGreaterThan(2);
  });

  test("what the server refuses for good ends it, with the server's words", async () => {
    const server = await openEventServer(node);
    opened.push(server);
    const first = (options: Partial<EventClientOptions>) => follow(server, options)[Symbol.asyncIterator]().next();
    await expect(first({ topics: ["nonsense"] })).rejects.toThrow(ApiError);
    await expect(first({ topics: ["nonsense"] })).rejects.toMatchObject({ status: 400 });
    await expect(first({ cursor: "nonsense" })).rejects.toThrow("The cursor cannot be read");
  });

  test("it has no end but its own, and waits between attempts", async () => {
    const server = await openEventServer(node);
    const ending = new AbortController();
    const states: string[] = [];
    const subscription = follow(server, {
      signal: ending.signal,
      onState: (state) => {
        states.push(state);
        if (states.length === 4) ending.abort();
      },
    });
    for await (const event of subscription) if (event.type === "hello") await server.close();
    expect(states).toEqual(["live", "waiting", "waiting", "waiting"]);
  });

  test("it sends its key where no log sees it, and a key that is revoked ends its streams", async () => {
    const keys = new ApiKeys([{ role: "public", key: KEY }]);
    const server = await openEventServer(node, { keys });
    opened.push(server);
    const first = (options: Partial<EventClientOptions>) => follow(server, options)[Symbol.asyncIterator]().next();
    await expect(first({})).rejects.toMatchObject({ status: 401 });
    await expect(first({ apiKey: "x".repeat(32) })).rejects.toMatchObject({ status: 401 });
    expect((await first({ apiKey: KEY })).value).toMatchObject({ type: "hello" });
    const named = { name: "page", role: "public" as const, hash: new Uint8Array(32) };
    keys.replace([named]);
    expect(server.stream.clientCount).toBe(1);
    server.stream.revoke(["page"]);
    expect(server.stream.clientCount).toBe(1);
    server.stream.revoke(["public"]);
    expect(server.stream.counts()).toMatchObject({ clients: { sse: 0, websocket: 0 }, dropped: 1 });
  });
});

test("a key in a subprotocol opens a WebSocket, and is not sent back", async () => {
  const server = await openEventServer(node, { keys: new ApiKeys([{ role: "admin", key: KEY }]) });
  opened.push(server);
  const protocols = ["bitfleet.events.v1", `bitfleet.key.${Buffer.from(KEY).toString("base64url")}`];
  const client = await SocketClient.open(server.host, "blocks", undefined, {}, protocols);
  opened.push(client);
  expect(client.socket.protocol).toBe("bitfleet.events.v1");
  await expect(SocketClient.open(server.host)).rejects.toThrow("401");
});
