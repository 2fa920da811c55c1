import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ANYONE_CAN_SPEND } from "../browser/anyone-can-spend.ts";
import { type FreeCoin, spendFreely } from "../browser/free-coins.ts";
import type { Cluster } from "./orchestrator/cluster.ts";
import { describeWithPods } from "./orchestrator/describe-with-pods.ts";
import { Load, type LoadReport } from "./orchestrator/load.ts";
import type { Pod } from "./orchestrator/pod.ts";
import { apiOf, eventually, rpc, setConfig, setReplicas, startShipped } from "./orchestrator/shipped.ts";

/**
 * The shipped manifests as pods: each with an address, a root, a user and probes of its own, names by DNS, services and network
 * policies, on one machine without Kubernetes. The tests follow one network through its life, in order.
 */

const FIRST_BLOCKS = 300;
/** A block at the test's word alone. */
const NEVER_SECONDS = "86400";
const COIN = 100_000_000;

const WEB = "Deployment/webserver";
const MINERS = "StatefulSet/miner";

interface AddedNode {
  readonly addednode: string;
  readonly connected: boolean;
}

describeWithPods("the shipped manifests, run as pods", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startShipped((manifests) => {
      setConfig(manifests, {
        MINER_MINING_FIRST_BLOCKS: String(FIRST_BLOCKS),
        MINER_MINING_INTERVAL_SECONDS: NEVER_SECONDS,
      });
      setReplicas(manifests, { webserver: 2 });
    });
    await cluster.settled();
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.log(cluster.tail());
  });
  afterAll(() => cluster?.close());

  const miner = (number: number) => cluster.pod(`miner-${number}`);
  const wallet = () => cluster.pod("wallet-0");
  const web = () => cluster.pods(WEB).filter(({ isReady }) => isReady);
  const heightOf = (pod: Pod) => rpc<number>(pod, "getblockcount");
  const tipOf = (pod: Pod) => rpc<string>(pod, "getbestblockhash");
  /** Blocks of a miner, paid to the treasury as its own are. */
  const mine = async (pod: Pod, count: number) => {
    const { address } = await apiOf(cluster).newWalletAddress({ label: "mined by the test" });
    return rpc<string[]>(pod, "generatetoaddress", count, address);
  };
  const allAtTipOf = (pod: Pod) =>
    eventually(async () => {
      const nodes = [...cluster.pods(MINERS), ...cluster.pods(WEB), wallet()];
      const tips = await Promise.all(nodes.map(tipOf));
      const tip = await tipOf(pod);
      return tips.every((one) => one === tip) ? tip : undefined;
    });
  const inMempool = (pod: Pod, txid: string) =>
    eventually(async () => ((await rpc<string[]>(pod, "getrawmempool")).includes(txid) ? true : undefined));
  const confirmed = (txid: string) =>
    eventually(async () => {
      const { confirmations } = (await apiOf(cluster).transaction({ txid })).status;
      return confirmations > 0 ? confirmations : undefined;
    });

  test("miners start one after the other, each when the one before is ready", () => {
    const order = cluster.events
      .filter(({ pod, what }) => pod.startsWith("miner-") && ["created", "ready"].includes(what))
      .map(({ pod, what }) => `${pod} ${what}`);
    expect(order).toEqual([
      "miner-0 created",
      "miner-0 ready",
      "miner-1 created",
      "miner-1 ready",
      "miner-2 created",
      "miner-2 ready",
    ]);
  });

  test("each miner is connected to the one before, by the name of its pod", async () => {
    expect(await rpc<AddedNode[]>(miner(0), "getaddednodeinfo")).toEqual([]);
    for (const number of [1, 2]) {
      const name = `miner-${number - 1}.miner-headless.blockchain.svc.cluster.local:2001`;
      const [node] = await eventually(async () => {
        const nodes = await rpc<AddedNode[]>(miner(number), "getaddednodeinfo");
        return nodes.every(({ connected }) => connected) ? nodes : undefined;
      });
      expect(node).toMatchObject({ addednode: name });
    }
  });

  test("nothing that the network did was refused by its policies, and what it has no need of is", async () => {
    expect(cluster.refusals()).toEqual([]);
    const [first] = web();
    const tries = ([9332, 2001] as const).map((port) => cluster.client.connect(first!.address, port, 500));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(cluster.client.connect(wallet().address, 8080, 500)).rejects.toThrow();
    expect(cluster.refusals().sort()).toEqual(
      [`${first!.name}:2001`, `${first!.name}:9332`, "wallet-0:8080"].map((to) => `203.0.113.10 → ${to}`).sort(),
    );
  });

  /** Coins that can be spent without a signature, for callers who send transactions of their own. */
  let coins: FreeCoin[] = [];

  test("a payment made through one web server is seen through another", async () => {
    const [one, other] = web();
    const payment = { to_address: ANYONE_CAN_SPEND, amount: COIN, feerate: 2 };
    const { txid } = await apiOf(cluster, one!.address).sendFromWallet(payment);
    const { outputs } = await eventually(() => apiOf(cluster, other!.address).transaction({ txid: txid! }));
    const paid = outputs.filter(({ script }) => script.address === ANYONE_CAN_SPEND);
    expect(paid.map(({ value }) => value)).toEqual([COIN]);
    coins = [{ txid: txid!, index: paid[0]!.index, value: BigInt(COIN) }];
    await inMempool(miner(2), txid!);
    await mine(miner(2), 1);
    await confirmed(txid!);
  });

  test("so is a transaction that somebody else signed", async () => {
    await allAtTipOf(miner(2));
    const [one, other] = web();
    const many = spendFreely(coins, 500, 100_000n);
    await apiOf(cluster, one!.address).broadcastTransaction({ hex: many.hex });
    await eventually(() => apiOf(cluster, other!.address).transaction({ txid: many.txid }));
    await inMempool(miner(0), many.txid);
    await mine(miner(0), 1);
    await confirmed(many.txid);
    coins = [...many.coins];
  });

  test("a miner that is killed starts again with its data, and one whose pod is lost under the same name", async () => {
    await allAtTipOf(miner(0));
    const height = await heightOf(miner(1));
    const { address } = miner(1);
    process.kill(miner(1).processId!, "SIGKILL");
    await eventually(async () => (miner(1).containers[0]!.starts === 2 && miner(1).isReady ? true : undefined));
    expect(miner(1).address).toBe(address);
    expect(await heightOf(miner(1))).toBe(height);

    await cluster.deletePod("miner-1", 0);
    await cluster.settled([MINERS]);
    expect(miner(1).address).not.toBe(address);
    // From its own disk: what it had is there before it has heard anybody.
    expect(miner(1).log).toContain(`height=${height} `);
    await eventually(async () => {
      const [node] = await rpc<AddedNode[]>(miner(2), "getaddednodeinfo");
      return node!.connected ? true : undefined;
    });
    await mine(miner(2), 1);
    await allAtTipOf(miner(2));
  });

  test("a web server that is killed is replaced by one that is ready at the tip and not before", async () => {
    const lost = web()[0]!;
    const height = await heightOf(miner(0));
    const heights: number[] = [];
    const names = new Set(cluster.pods(WEB).map(({ name }) => name));
    const end = cluster.watch(({ pod, what }) => {
      if (what === "ready" && !names.has(pod))
        void heightOf(cluster.pod(pod)).then(
          (one) => heights.push(one),
          () => heights.push(-1),
        );
    });
    await cluster.deletePod(lost.name, 0);
    await cluster.settled([WEB]);
    await eventually(async () => (heights.length > 0 ? true : undefined));
    end();
    expect(heights).toEqual([height]);
    expect(cluster.pods(WEB).map(({ name }) => name)).not.toContain(lost.name);
  });

  test("a network in two parts is one again afterwards, on the chain with the most work", async () => {
    await allAtTipOf(miner(0));
    const height = await heightOf(miner(0));
    const isolated = miner(2);
    const others = cluster.pods().filter((pod) => pod !== isolated);
    cluster.cut([isolated], others);
    const shorter = await mine(miner(0), 2);
    const longer = await mine(isolated, 3);
    expect(await tipOf(miner(1))).not.toBe(await tipOf(isolated));
    cluster.heal();
    expect(await allAtTipOf(isolated)).toBe(longer.at(-1));
    expect(await heightOf(miner(0))).toBe(height + 3);
    const tips = await rpc<{ hash: string; status: string }[]>(miner(0), "getchaintips");
    expect(tips).toContainEqual(expect.objectContaining({ hash: shorter.at(-1), status: "valid-fork" }));
  });

  test("what only one miner had heard of is not lost with it", async () => {
    const miners = cluster.pods(MINERS);
    const pairs = await Promise.all(
      miners.map(async (one) => {
        const peers = await rpc<{ addr: string }[]>(one, "getpeerinfo");
        return { one, follower: web().find(({ address }) => peers.some(({ addr }) => addr.startsWith(`${address}:`))) };
      }),
    );
    const { one, follower } = pairs.find((pair) => pair.follower !== undefined)!;
    const others = miners.filter((other) => other !== one);
    cluster.cut([one], others);
    const { hex, txid } = spendFreely([coins.shift()!], 1, 2_000n);
    await apiOf(cluster, follower!.address).broadcastTransaction({ hex });
    await inMempool(one, txid);
    await cluster.deletePod(one.name, 0);
    cluster.heal();
    for (const other of others) await inMempool(other, txid);
    await cluster.settled([MINERS]);
  });

  /** Every transaction that was taken is in the chain, and nobody was turned away. */
  const expectNothingLost = async (report: LoadReport) => {
    expect(report.failures).toEqual([]);
    expect(report.reads).toBeGreaterThan(100);
    expect(report.acknowledged.length).toBeGreaterThan(10);
    const waiting = new Set(report.acknowledged);
    await eventually(async () => {
      for (const txid of waiting) {
        const { confirmations } = (await apiOf(cluster).transaction({ txid })).status;
        if (confirmations > 0) waiting.delete(txid);
      }
      return waiting.size === 0 ? true : undefined;
    }).catch(() => expect([...waiting], "transactions that were taken and are in no block").toEqual([]));
  };

  test("all pods are replaced, one after the other: no request fails, no transaction is lost", async () => {
    // As an operator who has changed something: from here on miners make blocks by themselves.
    setConfig(cluster.manifests, { MINER_MINING_INTERVAL_SECONDS: "2" });
    const before = new Set(cluster.pods());
    const load = new Load(cluster, coins.splice(0, 300));
    for (const owner of cluster.workloads()) cluster.restart(owner);
    await cluster.settled();
    const report = await load.stop();
    expect(cluster.pods().filter((pod) => before.has(pod))).toEqual([]);
    await expectNothingLost(report);
  });

  test("more and fewer web servers and miners: no request fails, no transaction is lost", async () => {
    const load = new Load(cluster, coins.splice(0, 200));
    cluster.scale(WEB, 4);
    cluster.scale(MINERS, 4);
    await cluster.settled([WEB, MINERS]);
    cluster.scale(WEB, 2);
    cluster.scale(MINERS, 3);
    await cluster.settled([WEB, MINERS]);
    await expectNothingLost(await load.stop());
  });
});
