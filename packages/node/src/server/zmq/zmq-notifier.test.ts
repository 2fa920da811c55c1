import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mine, mineMany, rewardOf, spend, submitAll } from "../../chain/test-kit.ts";
import { freePort } from "../../network/free-port.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { ZmqNotifier } from "./zmq-notifier.ts";
import { bindPublishers, type ZmqSocket, zmqProblem } from "./zmq-sockets.ts";
import { ZMQ_TOPICS } from "./zmq-topics.ts";

interface Subscriber {
  connect(address: string): void;
  subscribe(topic: string): void;
  close(): void;
  receive(): Promise<readonly [Buffer, Buffer, Buffer]>;
}

const problem = zmqProblem();
if (problem !== undefined) console.warn(`ZeroMQ is not tested: ${problem}`);

describe.skipIf(problem !== undefined)("over a real socket", () => {
  let folder: string;
  let node: TestNode;
  let notifier: ZmqNotifier;
  let subscriber: Subscriber;
  const tips = spendingChain();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bitfleet-zmq-"));
    node = await openTestNode(folder, tips);
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const publications = ZMQ_TOPICS.map((topic) => ({ topic, address, highWaterMark: 1000 }));
    notifier = await ZmqNotifier.open(publications, node);
    const zeromq = createRequire(import.meta.url)("zeromq") as { readonly Subscriber: new () => Subscriber };
    subscriber = new zeromq.Subscriber();
    subscriber.connect(address);
    for (const topic of ZMQ_TOPICS) subscriber.subscribe(topic);
    await untilConnected();
  }, 60_000);
  afterAll(async () => {
    subscriber.close();
    notifier.close();
    await node.close();
    await rm(folder, { recursive: true, force: true });
  });

  let tip = tips.at(-1)!;
  const numbers = new Map<string, number>();
  /** The next message: topic and body in hex. Its number must follow the one before of that topic. */
  async function next(): Promise<readonly [string, string]> {
    const [topic, body, number] = await subscriber.receive();
    const name = topic.toString();
    const before = numbers.get(name);
    if (before !== undefined) expect(number.readUInt32LE(), name).toBe(before + 1);
    numbers.set(name, number.readUInt32LE());
    return [name, body.toString("hex")];
  }
  const take = async (count: number) => {
    const taken: (readonly [string, string])[] = [];
    while (taken.length < count) taken.push(await next());
    return taken;
  };

  /**
   * A subscription takes a moment to reach the publisher: blocks until one is seen whole. The first is of this hour, as nothing is told
   * of old tips.
   */
  async function untilConnected(): Promise<void> {
    let isSeen = false;
    const seen = (async () => {
      while ((await next())[0] !== "rawblock");
      isSeen = true;
    })();
    let time: number | undefined = Math.floor(Date.now() / 1000) - 3600;
    while (!isSeen) {
      tip = mine(tip, time === undefined ? {} : { time });
      time = undefined;
      await submitAll(node.chain, [tip]);
      await new Promise((resume) => setTimeout(resume, 20));
    }
    await seen;
    // With this one ends all that was published meanwhile.
    tip = mine(tip);
    await submitAll(node.chain, [tip]);
    for (;;) if ((await next())[1] === toHex(tip.block.bytes)) return;
  }

  test("a transaction, and the block that takes it", async () => {
    const tx = spend([rewardOf(tips[0]!)]);
    const sequence = node.mempool.sequence;
    await node.mempool.accept(tx);
    const added = `${displayHash(tx.txid)}41${numberHex(sequence)}`;
    expect(await take(3)).toEqual([
      ["hashtx", displayHash(tx.txid)],
      ["rawtx", toHex(tx.bytes)],
      ["sequence", added],
    ]);
    tip = mine(tip, { transactions: [tx] });
    await submitAll(node.chain, [tip]);
    const [coinbase] = tip.block.transactions;
    const hash = displayHash(tip.block.hash);
    expect(await take(7)).toEqual([
      ["hashtx", displayHash(coinbase!.txid)],
      ["rawtx", toHex(coinbase!.bytes)],
      ["hashtx", displayHash(tx.txid)],
      ["rawtx", toHex(tx.bytes)],
      ["sequence", `${hash}43`],
      ["hashblock", hash],
      ["rawblock", toHex(tip.block.bytes)],
    ]);
  });

  test("a reorganisation: what goes, what is back in the mempool, what comes, and one new tip", async () => {
    const lost = tip;
    const back = lost.block.transactions[1]!;
    const recent = Math.floor(Date.now() / 1000) - 3600;
    const first = mine(tips.at(-1)!, { salt: 77, time: recent });
    const branch = [first, ...mineMany(first, tip.height - 120, { salt: 77 })];
    await submitAll(node.chain, branch);
    const seen: (readonly [string, string])[] = [];
    do seen.push(await next());
    while (seen.at(-1)![0] !== "rawblock");
    const sequences = seen.filter(([topic]) => topic === "sequence").map(([, body]) => body);
    expect(sequences[0]).toBe(`${displayHash(lost.block.hash)}44`);
    // Before the blocks of the new branch: the mempool is right when they are told of.
    expect(sequences.find((body) => body.slice(64, 66) === "41")?.slice(0, 64)).toBe(displayHash(back.txid));
    expect(sequences.findIndex((body) => body.slice(64, 66) === "41")).toBeLessThan(
      sequences.findIndex((body) => body.slice(64) === "43"),
    );
    const connected = sequences.filter((body) => body.slice(64) === "43").map((body) => body.slice(0, 64));
    expect(connected).toEqual(branch.map(({ block }) => displayHash(block.hash)));
    expect(seen.filter(([topic]) => topic === "hashblock")).toEqual([
      ["hashblock", displayHash(branch.at(-1)!.block.hash)],
    ]);
    expect(seen.at(-1)![1]).toBe(toHex(branch.at(-1)!.block.bytes));
  });
});

const numberHex = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.toString("hex");
};

describe("sockets", () => {
  class FakeSocket implements ZmqSocket {
    sendHighWaterMark = 0;
    linger = -1;
    ipv6 = false;
    tcpKeepalive = -1;
    isClosed = false;
    readonly bound: string[] = [];
    async bind(address: string): Promise<void> {
      if (address.includes("taken")) throw new Error("Address already in use");
      this.bound.push(address);
    }
    async send(): Promise<void> {}
    close(): void {
      this.isClosed = true;
    }
  }
  const publication = (topic: (typeof ZMQ_TOPICS)[number], address: string, highWaterMark = 1000) => ({
    topic,
    address,
    highWaterMark,
  });

  test("are shared by what has one address; IPv6 only where the address is of it", async () => {
    const made: FakeSocket[] = [];
    const sockets = await bindPublishers(
      [
        publication("hashtx", "tcp://127.0.0.1:1", 7),
        publication("rawtx", "tcp://127.0.0.1:1", 9),
        publication("rawblock", "tcp://[::1]:2"),
        publication("sequence", "ipc:///tmp/x"),
      ],
      () => {
        made.push(new FakeSocket());
        return made.at(-1)!;
      },
    );
    expect([...sockets.keys()]).toEqual(["tcp://127.0.0.1:1", "tcp://[::1]:2", "ipc:///tmp/x"]);
    expect(made.map(({ sendHighWaterMark, ipv6, linger }) => [sendHighWaterMark, ipv6, linger])).toEqual([
      [7, false, 0],
      [1000, true, 0],
      [1000, false, 0],
    ]);
  });

  test("all close again where one cannot be bound", async () => {
    const made: FakeSocket[] = [];
    const open = () => {
      made.push(new FakeSocket());
      return made.at(-1)!;
    };
    const both = [publication("hashtx", "tcp://127.0.0.1:1"), publication("rawtx", "tcp://taken:1")];
    await expect(bindPublishers(both, open)).rejects.toThrow("Address already in use");
    expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });
});
