import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { type InteropChain, pay, writeBlockFile } from "./interop-chain.ts";
import {
  agreeOnCoins,
  agreeOnTip,
  coinsOf,
  connect,
  disconnectAll,
  grown,
  InteropNode,
  oursAnswers,
  type PeerInfo,
  type Program,
  reaches,
  type StartOptions,
  type Traffic,
  type Transport,
  trafficOf,
} from "./interop-node.ts";
import { ADDRESS, temporaryFolder } from "./test-node.ts";

/** What two nodes do together, whichever programs they are: the tests of one pair over one transport. */

/** Another address that nobody has the key of, so that a branch differs from the one it replaces. */
const OTHER_ADDRESS = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";

export const hasNetworkCalls = oursAnswers("addnode", "disconnectnode", "setban", "setnetworkactive");
export const hasMempool = oursAnswers("sendrawtransaction", "testmempoolaccept");
if (!hasNetworkCalls) console.warn("two nodes: skipped, our node does not answer addnode, setban and their kin yet");
else if (!hasMempool) console.warn("relay of transactions: skipped, our node does not answer sendrawtransaction yet");

export interface Party {
  readonly program: Program;
  readonly args?: readonly string[];
}

export interface PairOptions {
  readonly chain: InteropChain;
  /** Has the chain from the beginning. */
  readonly server: Party;
  /** Begins with nothing and connects to the server. */
  readonly client: Party;
  /** What the client asks for. */
  readonly asks: Transport;
  /** What it comes to. */
  readonly transport: Transport;
  readonly deepReorgBlocks: number;
}

/** Starts a node that has the whole chain, on disk, so that not even a kill takes it away. */
export async function startWithChain(
  { program, args = [] }: Party,
  chain: InteropChain,
  options: Pick<StartOptions, "isStrict"> = {},
): Promise<InteropNode> {
  const file = join(temporaryFolder(), "chain.dat");
  writeBlockFile(file, chain.blocks);
  const node = await InteropNode.start(program, { ...options, args, firstArgs: [`-loadblock=${file}`] });
  await reaches(`${program.name} loads the chain`, chain.tipHash, () => node.call("getbestblockhash"));
  // To count the coins it writes what it holds in memory.
  expect((await coinsOf(node)).bestblock).toBe(chain.tipHash);
  return node;
}

/** The other node of a pair, as `node` sees it. */
async function seenBy(node: InteropNode): Promise<PeerInfo> {
  const peers = await node.peers();
  expect(peers, `peers of ${node.program.name}`).toHaveLength(1);
  return peers[0]!;
}

/** Declares the tests. They build upon one another: the pair is the same throughout. */
export function describePair(title: string, options: PairOptions): void {
  describe.skipIf(!hasNetworkCalls)(title, () => {
    let pair: Pair;
    beforeAll(async () => {
      const server = await startWithChain(options.server, options.chain);
      const client = await InteropNode.start(options.client.program, { args: options.client.args ?? [] });
      pair = new Pair(server, client, options.chain);
    });

    test("the whole chain is fetched, and the coins are the same", async () => {
      await connect(pair.client, pair.server, options.asks);
      await agreeOnCoins(pair.server, pair.client);
      expect(await pair.client.call("getbestblockhash")).toBe(options.chain.tipHash);
    });
    test(`both sides call it ${options.transport}`, () => expectTransport(pair, options.transport));
    test("both sides know what the other can do, once they meet on one tip", async () => {
      await disconnectAll(pair.client, pair.server);
      await connect(pair.client, pair.server, options.asks);
      await expectFeatures(pair);
    });
    test("a block is announced by its header to who asked for headers", () => expectHeaderAnnouncement(pair));

    for (const from of ["client", "server"] as const) {
      const to = from === "client" ? "server" : "client";
      test(`a block of the ${from} comes as cmpctblock, unasked`, async () => {
        await expectCompactBlock(pair[from], pair[to]);
      });
      test(`the ${to} asks for the transactions of a cmpctblock that it lacks`, async () => {
        await expectMissingTransactions(pair[from], pair[to], pair.takeTransactions(3));
      });
      test.skipIf(!hasMempool)(`transactions of the ${from} reach the ${to}`, async () => {
        await expectTransactions(pair[from], pair[to], pair.takeTransactions(3));
      });
      test.skipIf(!hasMempool)(`the ${to} rebuilds a cmpctblock from its mempool`, async () => {
        await expectRebuiltBlock(pair[from], pair[to], pair.takeTransactions(6));
      });
    }
    for (const from of ["client", "server"] as const) {
      const to = from === "client" ? "server" : "client";
      for (const depth of [3, options.deepReorgBlocks]) {
        test(`the ${to} follows a reorganisation of ${depth} blocks by the ${from}`, async () => {
          await expectReorganisation(pair[from], pair[to], depth);
        });
      }
    }
    test("both end cleanly", async () => {
      for (const node of [pair.client, pair.server]) {
        expect(await node.stop(), node.program.name).toMatchObject({ code: 0, signal: null, stderr: "" });
      }
    });
  });
}

class Pair {
  readonly server: InteropNode;
  readonly client: InteropNode;
  readonly #chain: InteropChain;
  #takenCount = 0;

  constructor(server: InteropNode, client: InteropNode, chain: InteropChain) {
    this.server = server;
    this.client = client;
    this.#chain = chain;
  }

  /** New signed transactions, one for each kind of coin in turn. */
  takeTransactions(count: number): RawTransaction[] {
    const coins = this.#chain.coins.slice(this.#takenCount, this.#takenCount + count);
    this.#takenCount += count;
    expect(coins, "coins left to spend").toHaveLength(count);
    return coins.map((coin) => {
      const tx = pay([coin], 2);
      return { txid: displayHash(tx.txid), hex: toHex(tx.bytes) };
    });
  }
}

interface RawTransaction {
  readonly txid: string;
  readonly hex: string;
}

const txidsOf = (transactions: readonly RawTransaction[]) => transactions.map(({ txid }) => txid).sort();

async function expectTransport({ server, client }: Pair, transport: Transport): Promise<void> {
  const [atClient, atServer] = [await seenBy(client), await seenBy(server)];
  expect([atClient.transport_protocol_type, atServer.transport_protocol_type]).toEqual([transport, transport]);
  expect([atClient.inbound, atServer.inbound]).toEqual([false, true]);
  expect(atClient.addr).toBe(server.endpoint);
  // BIP324: both sides derive one session id; v1 has none.
  expect(atClient.session_id).toBe(atServer.session_id);
  expect(atClient.session_id).toMatch(transport === "v2" ? /^[0-9a-f]{64}$/ : /^$/);
}

/** BIP130, 133, 152, 155 and 339, in both directions. Headers are asked for only of who is known to have the chain. */
const FEATURES = ["feefilter", "sendaddrv2", "sendcmpct", "sendheaders", "wtxidrelay"];

async function expectFeatures({ server, client }: Pair): Promise<void> {
  for (const node of [client, server]) {
    const name = node.program.name;
    await reaches(`${name} has sent and received what announces features`, [FEATURES, FEATURES], async () => {
      const { bytessent_per_msg: sent, bytesrecv_per_msg: received } = await seenBy(node);
      return [sent, received].map((record) => FEATURES.filter((type) => record[type] !== undefined));
    });
    const peer = await seenBy(node);
    expect(peer, `the peer of ${name}`).toMatchObject({ relaytxes: true, addr_relay_enabled: true });
    expect(peer.servicesnames).toEqual(expect.arrayContaining(["NETWORK", "WITNESS", "NETWORK_LIMITED"]));
    // Both have left the initial download: their filters let ordinary feerates through (BTC/kvB).
    await reaches(`the feefilter at ${name} lets transactions through`, true, async () => {
      const { minfeefilter } = await seenBy(node);
      return minfeefilter > 0 && minfeefilter < 0.0001;
    });
  }
}

/** Mines a block and waits for it on the other side; what each sent and received meanwhile, by type of message. */
async function exchangedDuring(from: InteropNode, to: InteropNode, act: () => Promise<unknown>) {
  const before = [await trafficOf(from), await trafficOf(to)] as [Traffic, Traffic];
  await act();
  await agreeOnTip(from, to);
  const after = [await trafficOf(from), await trafficOf(to)] as [Traffic, Traffic];
  return {
    sent: grown(after[0].sent, before[0].sent),
    received: grown(after[1].received, before[1].received),
    answered: grown(after[1].sent, before[1].sent),
  };
}

const mineOne = (node: InteropNode) => node.call("generatetoaddress", 1, ADDRESS);

async function expectHeaderAnnouncement({ server, client }: Pair): Promise<void> {
  // Over this connection no block came yet, so that nobody asked for compact blocks without an announcement.
  expect((await seenBy(client)).bip152_hb_from).toBe(false);
  const { sent, received } = await exchangedDuring(client, server, () => mineOne(client));
  expect(sent).toContain("headers");
  expect(received).toContain("headers");
  expect(sent).not.toContain("inv");
}

/** Waits until `to` has asked `from` for compact blocks without an announcement, which the first block brings about. */
async function becomeHighBandwidth(from: InteropNode, to: InteropNode): Promise<void> {
  await mineOne(from);
  await agreeOnTip(from, to);
  await reaches(`${to.program.name} wants compact blocks at once`, [true, true], async () => {
    return [(await seenBy(to)).bip152_hb_to, (await seenBy(from)).bip152_hb_from];
  });
}

async function expectCompactBlock(from: InteropNode, to: InteropNode): Promise<void> {
  await becomeHighBandwidth(from, to);
  const { received, answered } = await exchangedDuring(from, to, () => mineOne(from));
  expect(received).toContain("cmpctblock");
  for (const type of ["block", "headers", "inv", "blocktxn"]) expect(received).not.toContain(type);
  for (const type of ["getdata", "getblocktxn"]) expect(answered).not.toContain(type);
}

async function expectMissingTransactions(from: InteropNode, to: InteropNode, transactions: RawTransaction[]) {
  const hexes = transactions.map(({ hex }) => hex);
  const mineThem = () => from.call("generateblock", ADDRESS, hexes);
  const { received, answered } = await exchangedDuring(from, to, mineThem);
  expect(answered).toContain("getblocktxn");
  for (const type of ["cmpctblock", "blocktxn"]) expect(received).toContain(type);
  expect(received).not.toContain("block");
  const block = await to.call<{ tx: string[] }>("getblock", await to.call("getbestblockhash"));
  expect(block.tx.slice(1).sort()).toEqual(txidsOf(transactions));
}

async function submit(from: InteropNode, to: InteropNode, transactions: readonly RawTransaction[]): Promise<void> {
  for (const { hex, txid } of transactions) expect(await from.call("sendrawtransaction", hex)).toBe(txid);
  const wanted = txidsOf(transactions);
  await reaches(`${to.program.name} has the transactions of ${from.program.name}`, wanted, async () => {
    const pool = new Set(await to.call<string[]>("getrawmempool"));
    return wanted.filter((txid) => pool.has(txid));
  });
}

async function expectTransactions(from: InteropNode, to: InteropNode, transactions: RawTransaction[]): Promise<void> {
  const before = await trafficOf(to);
  await submit(from, to, transactions);
  const after = await trafficOf(to);
  expect(grown(after.received, before.received)).toContain("inv");
  expect(grown(after.received, before.received)).toContain("tx");
  expect(grown(after.sent, before.sent)).toContain("getdata");
}

/** Half of the transactions come from either side, so that both ways of relay are behind what is rebuilt. */
async function expectRebuiltBlock(from: InteropNode, to: InteropNode, transactions: RawTransaction[]): Promise<void> {
  await submit(from, to, transactions.slice(0, transactions.length / 2));
  await submit(to, from, transactions.slice(transactions.length / 2));
  const inPool = (await from.call<string[]>("getrawmempool")).sort();
  const { received, answered } = await exchangedDuring(from, to, () => mineOne(from));
  const block = await to.call<{ tx: string[] }>("getblock", await to.call("getbestblockhash"));
  expect(block.tx.slice(1).sort()).toEqual(inPool);
  expect(inPool).toEqual(expect.arrayContaining(txidsOf(transactions)));
  expect(received).toContain("cmpctblock");
  for (const type of ["block", "blocktxn"]) expect(received).not.toContain(type);
  expect(answered).not.toContain("getblocktxn");
  expect(await to.call("getrawmempool")).toEqual([]);
}

/** `from` gives up its last `depth` blocks for one more on another branch. */
async function expectReorganisation(from: InteropNode, to: InteropNode, depth: number): Promise<void> {
  await agreeOnTip(from, to);
  const height = await from.height();
  const oldTip = await from.call<string>("getbestblockhash");
  const fork = await from.call<string>("getblockhash", height - depth + 1);
  await from.call("invalidateblock", fork);
  expect(await from.height()).toBe(height - depth);
  await from.call("generatetoaddress", depth + 1, OTHER_ADDRESS);
  expect(await from.height()).toBe(height + 1);
  await agreeOnCoins(from, to);
  const tips = await to.call<{ hash: string; branchlen: number; status: string }[]>("getchaintips");
  expect(tips).toContainEqual({ hash: oldTip, height, branchlen: depth, status: "valid-fork" });
  await from.call("reconsiderblock", fork);
  expect(await from.height(), "the old branch has less work").toBe(height + 1);
  // Or the next one who gives up blocks would go back to that branch.
  for (const node of [from, to]) await node.call("invalidateblock", fork);
}
