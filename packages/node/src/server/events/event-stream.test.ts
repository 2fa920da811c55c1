import { mkdtemp, rm } from "node:fs/promises";
import { IncomingMessage, ServerResponse } from "node:http";
import { connect, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  KEY_SCRIPT,
  ManualClock,
  mine,
  mineMany,
  NETWORK,
  rewardOf,
  spend,
  submitAll,
  type Tip,
} from "../../chain/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import type { EventStreamOptions } from "./event-stream.ts";
import { type EventClient, type EventServer, openEventServer, SocketClient, SseClient } from "./event-test-kit.ts";
import { scriptHashOf } from "./topic-set.ts";

const ADDRESS = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
const ALL = `blocks,transactions,mempool,peers,miner,address:${ADDRESS}`;
const base: readonly Tip[] = spendingChain();
const hashText = ({ block }: Tip) => displayHash(block.hash);

let folder: string;
let node: TestNode;
let tip = base.at(-1)!;
let salt = 1000;
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-events-"));
  node = await openTestNode(folder, base);
}, 60_000);

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

async function serverOf(options: Parameters<typeof openEventServer>[1] = {}): Promise<EventServer> {
  const server = await openEventServer(node, options);
  opened.push(server);
  return server;
}

function kept<Client extends EventClient>(client: Client): Client {
  opened.push(client);
  return client;
}

/** Blocks on the tip of the test so far. */
async function grow(count: number): Promise<readonly Tip[]> {
  const added = mineMany(tip, count, { salt: salt++ });
  await submitAll(node.chain, added);
  tip = added.at(-1)!;
  return added;
}

/** Takes `depth` blocks away and puts one more on another branch. */
async function reorganise(from: Tip, depth: number): Promise<readonly Tip[]> {
  const branch = mineMany(from, depth + 1, { salt: salt++ });
  await submitAll(node.chain, branch);
  tip = branch.at(-1)!;
  return branch;
}

describe.each([
  ["Server-Sent Events", (host: string, topics?: string, cursor?: string) => SseClient.open(host, topics, cursor)],
  ["WebSocket", (host: string, topics?: string, cursor?: string) => SocketClient.open(host, topics, cursor)],
])("over %s", (_, open) => {
  test("blocks come in order, those of a reorganisation taken away from the last one down", async () => {
    const { host } = await serverOf();
    const client = kept(await open(host));
    expect(client.events[0]).toMatchObject({ type: "hello", height: tip.height, topics: ["blocks"], replay: "none" });
    const root = tip;
    const first = await grow(2);
    const branch = await reorganise(root, 2);
    await client.untilTip(tip);
    expect(client.steps()).toEqual([
      ...first.map((one) => `connected ${one.height} ${hashText(one)}`),
      ...[...first].reverse().map((one) => `disconnected ${one.height} ${hashText(one)}`),
      ...branch.map((one) => `connected ${one.height} ${hashText(one)}`),
    ]);
    expect(client.ofType("tip-changed").map(({ height }) => height)).toEqual([
      root.height + 1,
      root.height + 2,
      root.height + 3,
    ]);
  });

  test("a client that comes back gets exactly what it missed, from wherever it left", async () => {
    const { host } = await serverOf();
    const watcher = kept(await open(host, ALL));
    const root = tip;
    await grow(1);
    const spent = spend([rewardOf(base[0]!)], { fee: 1000n * BigInt(salt++) });
    expect((await node.mempool.accept(spent)).kind).toBe("accepted");
    const block = mine(tip, { transactions: [spent], salt: salt++ });
    await node.chain.submitBlock(block.block);
    tip = block;
    await reorganise(root, 2);
    await watcher.untilTip(tip);
    const all = watcher.events.filter(({ type }) => type !== "mempool-summary");
    for (const [index, { cursor }] of all.entries()) {
      const again = await open(host, ALL, cursor);
      const rest = all.slice(index === 0 ? 1 : index + 1);
      const got = () => again.events.slice(1).filter(({ type }) => type !== "mempool-summary");
      await again.until(() => got().length >= rest.length);
      expect(again.events[0]).toMatchObject({ type: "hello", replay: "exact" });
      expect(got()).toEqual(rest);
      again.close();
    }
  });
});

describe("topics", () => {
  test("transactions and addresses are told as they are seen, confirmed, disconnected and removed", async () => {
    const { host } = await serverOf();
    const byAddress = kept(await SocketClient.open(host, `address:${ADDRESS}`));
    const byHash = kept(await SocketClient.open(host, `address:${scriptHashOf(KEY_SCRIPT)}`));
    const plain = kept(await SseClient.open(host, "transactions"));
    const coin = rewardOf(base[1]!);
    const low = spend([coin], { fee: 2000n });
    const high = spend([coin], { fee: 90_000n });
    await node.mempool.accept(low);
    await node.mempool.accept(high);
    const root = tip;
    const block = mine(tip, { transactions: [high], salt: salt++ });
    await node.chain.submitBlock(block.block);
    await reorganise(root, 1);
    const [lowId, highId] = [low, high].map(({ txid }) => displayHash(txid));
    const about = (client: EventClient, txid: string | undefined) =>
      client.events.filter((event) => "txid" in event && event.txid === txid);
    await byAddress.until(() => about(byAddress, highId).length === 4);
    await byHash.until(() => about(byHash, highId).length === 4);
    await plain.until(() => about(plain, highId).length === 4);

    const value = Number(coin.output.value);
    const touched = { address: ADDRESS, scripthash: scriptHashOf(KEY_SCRIPT), spent: value };
    expect(about(byAddress, lowId)).toMatchObject([
      { type: "address-seen", ...touched, received: value - 2000 },
      { type: "address-removed", ...touched, reason: "replaced" },
    ]);
    const inBlock = { height: block.height, block_hash: hashText(block), position: 1 };
    expect(about(byAddress, highId)).toMatchObject([
      { type: "address-seen", ...touched, received: value - 90_000 },
      { type: "address-confirmed", ...touched, ...inBlock },
      { type: "address-disconnected", ...touched, ...inBlock },
      { type: "address-seen", ...touched },
    ]);
    expect(about(byHash, highId)).toEqual(about(byAddress, highId));
    expect(about(plain, lowId)).toMatchObject([
      { type: "transaction-added", fee: 2000, vsize: Math.ceil(low.weight / 4) },
      { type: "transaction-removed", reason: "replaced" },
    ]);
    expect(about(plain, highId)).toMatchObject([
      { type: "transaction-added", wtxid: displayHash(high.wtxid), fee: 90_000 },
      { type: "transaction-confirmed", ...inBlock },
      { type: "transaction-disconnected", ...inBlock },
      { type: "transaction-added" },
    ]);
  });

  test("the mempool is summed up once a second at most, peers and the miner tell what they do", async () => {
    const clock = new ManualClock();
    const { host } = await serverOf({ clock });
    const client = kept(await SocketClient.open(host, "mempool,miner"));
    await node.mempool.accept(spend([rewardOf(base[2]!)], { fee: 3000n }));
    await node.mempool.accept(spend([rewardOf(base[3]!)], { fee: 3000n }));
    node.miner.configure({ intervalMs: 7000 });
    await client.until(() => client.ofType("miner-changed").length === 1);
    expect(client.ofType("miner-changed")[0]).toMatchObject({ pacing: "off", interval_seconds: 7, has_address: false });
    expect(client.ofType("mempool-summary")).toEqual([]);
    clock.ring();
    await client.until(() => client.ofType("mempool-summary").length === 1);
    const { size, virtualSize, totalFee } = node.mempool;
    const summary = { count: size, vsize: virtualSize, total_fee: Number(totalFee), min_feerate: 0.1 };
    expect(client.ofType("mempool-summary")[0]).toMatchObject(summary);
  });

  test("are changed over a WebSocket, and each change is answered", async () => {
    const { host } = await serverOf();
    const client = kept(await SocketClient.open(host, "peers"));
    client.socket.send(JSON.stringify({ subscribe: ["blocks", `address:${ADDRESS}`], unsubscribe: ["peers"] }));
    await client.until(() => client.ofType("subscribed").length === 1);
    expect(client.ofType("subscribed")[0]!.topics).toEqual(["blocks", `address:${ADDRESS}`]);
    const [block] = await grow(1);
    await client.untilTip(block!);
    expect(client.names().slice(2)).toEqual(["block-connected", "address-confirmed", "tip-changed"]);
    client.socket.send(JSON.stringify({ unsubscribe: [`address:${ADDRESS}`] }));
    await client.until(() => client.ofType("subscribed").length === 2);
    await client.untilTip((await grow(1))[0]!);
    expect(client.names().slice(6)).toEqual(["block-connected", "tip-changed"]);
  });

  test("an inside of a block that nobody wanted when it came is read again for who asks later", async () => {
    const { host } = await serverOf();
    const client = kept(await SocketClient.open(host, "blocks"));
    const { cursor } = client;
    await client.untilTip((await grow(1))[0]!);
    const later = kept(await SocketClient.open(host, `transactions,address:${ADDRESS}`, cursor));
    await later.until(() => later.events.length === 4);
    // What the mempool did meanwhile was not recorded.
    expect(later.names()).toEqual(["hello", "transaction-confirmed", "address-confirmed", "gap"]);
    expect(later.ofType("gap")[0]!.topics).toEqual(["transactions", "address"]);
  });
});

describe("what is refused", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => `address:${index.toString(16).padStart(64, "0")}`).join(",");

  test("before the stream begins: an error in the envelope, with its status", async () => {
    const { host } = await serverOf();
    const cursor = kept(await SseClient.open(host)).cursor;
    for (const open of [SseClient.open, SocketClient.open] as const) {
      await expect(open(host, "nonsense")).rejects.toThrow(/^Error: 400|400 .*There is no topic \\"nonsense\\"/);
      await expect(open(host, "address:nonsense")).rejects.toThrow("neither an address of this network nor");
      await expect(open(host, many(101))).rejects.toThrow("A client may have 100 topics.");
      await expect(open(host, "blocks", "!")).rejects.toThrow("400");
      await expect(open(host, "blocks", cursor.slice(0, -1))).rejects.toThrow("The cursor cannot be read");
      await expect(open(host, "blocks", `${cursor.slice(0, 20)}AAAA${cursor.slice(24)}`)).rejects.toThrow("The cursor");
    }
    const client = kept(await SocketClient.open(host, many(100)));
    expect(client.ofType("hello")[0]!.topics).toHaveLength(100);
  });

  test("the cursor in Last-Event-ID goes before the one in the address, which a browser keeps", async () => {
    const { host } = await serverOf();
    const client = kept(await SseClient.open(host));
    const { cursor } = client;
    await client.untilTip((await grow(1))[0]!);
    const again = kept(await SseClient.open(host, "blocks", cursor, client.cursor));
    expect(again.events[0]!.cursor).toBe(client.cursor);
    await client.untilTip((await grow(1))[0]!);
    await again.untilTip(tip);
    expect(again.steps()).toEqual([`connected ${tip.height} ${hashText(tip)}`]);
  });

  test("too many clients, in all and from one address", async () => {
    const { host, stream } = await serverOf({ clientsMax: 2, clientsPerAddressMax: 1 });
    const wanted = (address: string) => () => stream.admit({ address });
    const first = kept(await SseClient.open(host));
    expect(wanted("192.0.2.1")).not.toThrow();
    const second = kept(await SocketClient.open(host));
    await expect(SocketClient.open(host)).rejects.toThrow("503");
    await expect(SseClient.open(host)).rejects.toThrow("Too many event streams are open");
    expect(stream.counts().clients).toEqual({ sse: 1, websocket: 1 });
    first.close();
    second.close();
    await expect.poll(() => stream.clientCount).toBe(0);
    kept(await SseClient.open(host));
  });

  test.each([
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"],
    ["192.0.2.1", "192.0.2.1", "192.0.2.2"],
  ])("too many of one network of IPv6, or of one address: %s and %s, but not %s", async (first, same, other) => {
    const { stream } = await serverOf({ clientsPerAddressMax: 1 });
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    stream.openSse(response, { address: first }, stream.admit({ address: first }));
    expect(() => stream.admit({ address: same })).toThrow("from your address");
    expect(() => stream.admit({ address: other })).not.toThrow();
    response.destroy();
  });

  test("a page of another origin", async () => {
    const { host } = await serverOf();
    const from = (origin: string) => SocketClient.open(host, "blocks", undefined, { origin });
    await expect(from("http://elsewhere.example")).rejects.toThrow("403");
    await expect(from("null")).rejects.toThrow("403");
    kept(await from(`http://${host}`));
  });

  test("messages that say nothing are answered, and the stream goes on", async () => {
    const { host } = await serverOf();
    const client = kept(await SocketClient.open(host));
    const nothing = ["", "{", "[]", "{}", "null", '{"subscribe":"blocks"}', '{"subscribe":[]}', '{"subscribe":[1]}'];
    const unknown = ['{"subscribe":["nonsense"]}', '{"publish":["blocks"]}', '{"subscribe":["blocks"],"x":1}'];
    for (const text of [...nothing, ...unknown]) client.socket.send(text);
    client.socket.send(Buffer.from("{}"));
    await client.until(() => client.ofType("error").length === 12);
    await client.untilTip((await grow(1))[0]!);
  });

  test("messages that are too many or too long end the stream, with a reason", async () => {
    const { host, stream } = await serverOf();
    const chatty = kept(await SocketClient.open(host));
    for (let count = 0; count < 61; count++) chatty.socket.send("{}");
    expect(await chatty.untilEnd()).toEqual({ code: 1008, reason: "Too many messages." });
    expect(chatty.events.at(-1)).toMatchObject({ type: "dropped", reason: "Too many messages." });
    const long = kept(await SocketClient.open(host));
    long.socket.send(JSON.stringify({ subscribe: ["x".repeat(17_000)] }));
    expect((await long.untilEnd()).code).toBe(1009);
    expect(stream.counts()).toMatchObject({ clients: { websocket: 0 }, dropped: 1 });
  });

  test("frames that break the protocol, and upgrades of other paths and methods", async () => {
    const { host, app } = await serverOf();
    const port = Number(host.split(":")[1]);
    const send = (head: string, then: Buffer = Buffer.alloc(0)) =>
      new Promise<Buffer>((resolve) => {
        const parts: Buffer[] = [];
        const socket = connect(port, "127.0.0.1", () => socket.write(`${head}\r\n\r\n`));
        socket.on("data", (part) => {
          if (parts.push(part) === 1) socket.write(then);
        });
        socket.on("error", () => {}).on("close", () => resolve(Buffer.concat(parts)));
      });
    const upgrade = (path: string, method = "GET") =>
      `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
    // A frame of a client must be masked.
    const unmasked = await send(upgrade("/api/v1/events"), Buffer.from([0x81, 0x01, 0x41]));
    expect(unmasked.toString("latin1")).toMatch(/^HTTP\/1.1 101 /);
    expect(unmasked.subarray(-40).includes(Buffer.from([0x03, 0xea]))).toBe(true);
    expect((await send(upgrade("/api/v1/nothing"))).toString()).toMatch(/^HTTP\/1.1 404 [\s\S]*"success":false/);
    expect((await send(upgrade("/api/v1/events", "POST"))).toString()).toMatch(/^HTTP\/1.1 400 /);
    expect((await app.inject({ method: "HEAD", url: "/api/v1/events" })).statusCode).toBeGreaterThanOrEqual(404);
  });
});

test("a hundred clients get every block in order", async () => {
  const { host, stream } = await serverOf();
  const clients = await Promise.all(Array.from({ length: 100 }, () => SocketClient.open(host).then(kept)));
  expect(stream.counts().clients.websocket).toBe(100);
  const blocks: Tip[] = [];
  for (let count = 0; count < 10; count++) blocks.push(...(await grow(1)));
  for (const client of clients) {
    await client.untilTip(tip);
    expect(client.steps()).toEqual(blocks.map((one) => `connected ${one.height} ${hashText(one)}`));
  }
  expect(stream.counts().sent).toBe(100 * 21);
});

describe("slow clients", () => {
  const small: EventStreamOptions = { eventsMax: 50, heartbeatMs: 60_000 };

  test("one that takes nothing is dropped when too much waits for it, and the others miss nothing", async () => {
    const { host, stream } = await serverOf(small);
    const quick = kept(await SocketClient.open(host, "transactions"));
    const slow = kept(await SocketClient.open(host, "transactions"));
    slow.socket.pause();
    await node.mempool.accept(spend([rewardOf(base[4]!)], { fee: 5000n }));
    const [entry] = node.mempool.entries();
    // The same again and again, until the system's buffers and ours are full.
    let told = 1;
    while (stream.counts().dropped === 0) {
      for (let count = 0; count < 40; count++, told++)
        node.mempool.events.emit({
          type: "transaction-added",
          entry: entry!,
          spentOutputs: [],
          arrival: "alone",
          sequence: told,
        });
      await quick.until(() => quick.events.length > told);
    }
    expect(told).toBeGreaterThan(100);
    expect(stream.counts()).toMatchObject({ clients: { websocket: 1 }, dropped: 1 });
    slow.socket.resume();
    const { code, reason } = await slow.untilEnd();
    expect([4008, 1006]).toContain(code);
    if (code === 4008) expect(reason).toContain("Too slow");
    await grow(1);
    const last = displayHash(tip.block.transactions[0]!.txid);
    await quick.until(() => quick.ofType("transaction-confirmed").some(({ txid }) => txid === last));
    expect(quick.ofType("transaction-added")).toHaveLength(told);
  });

  test("one that gives no sign of life is dropped", async () => {
    const clock = new ManualClock();
    const { host, stream } = await serverOf({ clock });
    const deaf = kept(await SocketClient.open(host, "blocks", undefined, { autoPong: false }));
    const alive = kept(await SocketClient.open(host));
    const pinged = new Promise((resolve) => alive.socket.once("ping", resolve));
    clock.ring();
    await pinged;
    // What is answered behind the pong.
    alive.socket.send("{}");
    await alive.until(() => alive.ofType("error").length === 1);
    clock.ring();
    expect(stream.counts().dropped).toBe(1);
    expect((await deaf.untilEnd()).reason).toBe("There was no sign of life.");
    expect(stream.counts().clients.websocket).toBe(1);
  });

  test("the server's end is told with a code that means: come back", async () => {
    const server = await openEventServer(node);
    const socket = kept(await SocketClient.open(server.host));
    const sse = kept(await SseClient.open(server.host));
    await server.close();
    expect(await socket.untilEnd()).toEqual({ code: 1001, reason: "The server stops." });
    await sse.untilEnd();
  });
});
