import { afterEach, describe, expect, test } from "vitest";
import { freePorts } from "../../packages/node/src/network/free-port.ts";
import { ServiceBalancer } from "./service-balancer.ts";
import { ServiceLoad } from "./service-load.ts";
import { eventually, TestNode, temporaryFolder } from "./test-node.ts";

/** Web servers whose disks do not outlive them, behind a balancer, as in Compose and Kubernetes. */

const ALONE = ["-dnsseed=0", "-fixedseeds=0"];
const RESTART_COUNT = 5;
const PROBE_MS = 250;
/** Probes, and what a request takes; on a machine with much else to do too. */
const DRAIN_SECONDS = 3;
const PATHS = ["/api/v1/blockchain", "/api/v1/blockchain/blocks/5", "/esplora/blocks/tip/height", "/api/v1/mempool"];
const COINBASE_MATURITY = 100;
const SPENDABLE_COUNT = 60;

interface Coin {
  readonly txid: string;
  readonly vout: number;
  readonly amount: number;
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

/** A miner whose wallet has many coins, and which makes a block now and then. */
async function startMiner(peerPort: number, folder = temporaryFolder(), extra: readonly string[] = []) {
  const first = `-miningfirstblocks=${COINBASE_MATURITY + SPENDABLE_COUNT}`;
  const args = [...ALONE, "-listen=1", `-bind=127.0.0.1:${peerPort}`, "-mining=interval", "-txindex", first];
  const miner = await TestNode.start(folder, [...args, ...extra]);
  const height = COINBASE_MATURITY + SPENDABLE_COUNT;
  await eventually(async () => ((await miner.call<number>("getblockcount")) >= height ? true : undefined));
  return miner;
}

async function startWeb(peerPort: number, webPort: number, drainSeconds = DRAIN_SECONDS): Promise<TestNode> {
  const own = [`-webport=${webPort}`, "-disablewallet", "-addressindex", `-webdrain=${drainSeconds}`];
  return TestNode.start(temporaryFolder(), [...ALONE, ...own, `-addnode=127.0.0.1:${peerPort}`]);
}

/** Signed payments of one coin each, which have nothing to do with one another. */
async function paymentsOf(miner: TestNode, count: number): Promise<readonly string[]> {
  const coins = await eventually(async () => {
    const found = await miner.call<readonly Coin[]>("listunspent");
    return found.length >= count ? found.slice(0, count) : undefined;
  });
  const address = await miner.call<string>("getnewaddress");
  return Promise.all(
    coins.map(async ({ txid, vout, amount }) => {
      const raw = await miner.call("createrawtransaction", [{ txid, vout }], [{ [address]: amount - 0.001 }]);
      return (await miner.call<{ readonly hex: string }>("signrawtransactionwithwallet", raw)).hex;
    }),
  );
}

const isReady = async (webPort: number) => {
  const response = await fetch(`http://127.0.0.1:${webPort}/health/ready`).catch(() => undefined);
  return response?.status === 200 ? true : undefined;
};

describe("web servers that are restarted in turn", () => {
  test("fail no request, and lose no transaction that was acknowledged", async () => {
    const [peerPort, ...webPorts] = (await freePorts(3)) as [number, number, number];
    const miner = await startMiner(peerPort, temporaryFolder(), ["-mininginterval=1"]);
    const payments = [...(await paymentsOf(miner, SPENDABLE_COUNT))];
    const webs = await Promise.all(webPorts.map((port) => startWeb(peerPort, port)));
    const balancer = await ServiceBalancer.open(webPorts, PROBE_MS);
    opened.push(balancer);
    await eventually(() => (webPorts.every((port) => balancer.isReady(port)) ? true : undefined));

    const load = new ServiceLoad(balancer.host, PATHS);
    load.begin(10, 5);
    const acknowledged: string[] = [];
    let isPaying = true;
    const paying = (async () => {
      for (let hex = payments.pop(); isPaying && hex !== undefined; hex = payments.pop()) {
        const answer = await load.post("/api/v1/transactions/broadcast", { hex });
        if (answer?.status === 200) acknowledged.push(JSON.parse(answer.text).data.txid);
        await new Promise((resume) => setTimeout(resume, 400));
      }
    })();
    for (let restart = 0; restart < RESTART_COUNT; restart++) {
      const index = restart % webs.length;
      const port = webPorts[index]!;
      expect(await webs[index]!.signal("SIGTERM")).toMatchObject({ code: 0, stderr: "" });
      webs[index] = await startWeb(peerPort, port);
      await eventually(() => (balancer.isReady(port) ? true : undefined));
    }
    isPaying = false;
    await paying;
    await load.end();

    expect(load.failures).toEqual([]);
    expect(load.answerCount).toBeGreaterThan(1000);
    expect(acknowledged.length).toBeGreaterThan(20);
    for (const txid of acknowledged)
      await eventually(() => miner.call("getrawtransaction", txid, 1).catch(() => undefined));
    for (const node of [...webs, miner]) expect(await node.signal("SIGTERM")).toMatchObject({ code: 0, stderr: "" });
  });

  test("hand on what they took while their miner was away, before they go", async () => {
    const [peerPort, webPort] = (await freePorts(2)) as [number, number];
    const folder = temporaryFolder();
    // No block that would take the payment in another way.
    const miner = await startMiner(peerPort, folder, ["-mininginterval=36000"]);
    const [first, second] = (await paymentsOf(miner, 2)) as [string, string];
    const web = await startWeb(peerPort, webPort);
    await eventually(() => isReady(webPort));
    const load = new ServiceLoad(`127.0.0.1:${webPort}`, []);
    const pay = async (hex: string) => {
      const answer = await load.post("/api/v1/transactions/broadcast", { hex });
      return JSON.parse(answer!.text).data.txid as string;
    };
    expect(await miner.signal("SIGTERM")).toMatchObject({ code: 0, stderr: "" });
    const early = await pay(first);
    expect(await isReady(webPort)).toBe(true);

    const back = await startMiner(peerPort, folder, ["-mininginterval=36000"]);
    await eventually(() => back.call("getmempoolentry", early).catch(() => undefined));
    await eventually(async () => {
      const { unbroadcastcount } = await web.call<{ readonly unbroadcastcount: number }>("getmempoolinfo");
      return unbroadcastcount === 0 ? true : undefined;
    });
    // The last one, and the server is told to go before any round of announcements.
    const late = await pay(second);
    expect(await web.signal("SIGTERM")).toMatchObject({ code: 0, stderr: "" });
    expect(await back.call("getmempoolentry", late)).toBeDefined();
    expect(web.log).not.toContain("No peer has asked for");
    expect(load.failures).toEqual([]);
    expect(await back.signal("SIGTERM")).toMatchObject({ code: 0, stderr: "" });
  });

  test("say what they took and could give to nobody", async () => {
    const [peerPort, webPort] = (await freePorts(2)) as [number, number];
    const miner = await startMiner(peerPort, temporaryFolder(), ["-mininginterval=36000"]);
    const [hex] = (await paymentsOf(miner, 1)) as [string];
    const web = await startWeb(peerPort, webPort, 1);
    await eventually(() => isReady(webPort));
    expect(await miner.signal("SIGTERM")).toMatchObject({ code: 0, stderr: "" });
    const load = new ServiceLoad(`127.0.0.1:${webPort}`, []);
    const { txid } = JSON.parse((await load.post("/api/v1/transactions/broadcast", { hex }))!.text).data;
    expect(await web.signal("SIGTERM")).toMatchObject({ code: 0, stderr: "" });
    expect(web.log).toMatch(new RegExp(`No peer has asked for transactions that were accepted here.*${txid}`));
  });

  test("end their traffic at a second signal, and are stopped in order", async () => {
    const [peerPort, webPort] = (await freePorts(2)) as [number, number];
    const web = await startWeb(peerPort, webPort, 300);
    web.child.kill("SIGTERM");
    await eventually(async () => {
      const response = await fetch(`http://127.0.0.1:${webPort}/health/ready`);
      const { error } = (await response.json()) as { readonly error: string };
      return error === "The node is stopping." ? true : undefined;
    });
    // One that comes at once is the first by another way.
    await eventually(() => {
      if (web.log.includes("Shutdown in progress")) return true;
      web.child.kill("SIGTERM");
      return undefined;
    });
    expect(await web.exit()).toMatchObject({ code: 0, stderr: "" });
    expect(web.log).toContain("Shutdown done");
  });
});
