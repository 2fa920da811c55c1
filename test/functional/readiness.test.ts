import { describe, expect, test } from "vitest";
import { freePorts } from "../../packages/node/src/network/free-port.ts";
import { ADDRESS, eventually, TestNode, temporaryFolder } from "./test-node.ts";

const ALONE = ["-dnsseed=0", "-fixedseeds=0"];
const THREE_DAYS_SECONDS = 3 * 24 * 60 * 60;

const listening = (port: number) => [...ALONE, "-listen=1", `-bind=127.0.0.1:${port}`];
const webServer = (webPort: number, peerPort: number) => [
  ...[...ALONE, `-webport=${webPort}`, "-disablewallet", `-addnode=127.0.0.1:${peerPort}`],
];

interface Readiness {
  readonly status: number;
  /** Why it is not ready. */
  readonly error: string | null;
}

async function readiness(webPort: number): Promise<Readiness> {
  const response = await fetch(`http://127.0.0.1:${webPort}/health/ready`);
  const { error } = (await response.json()) as { readonly error: string | null };
  return { status: response.status, error };
}

describe("a new web server", () => {
  test("is ready when it has all that its miner has, and not before, whenever that comes", async () => {
    const [peerPort, webPort] = (await freePorts(2)) as [number, number];
    const folder = temporaryFolder();
    const mining = ["-mining=interval", "-mininginterval=36000", `-miningaddress=${ADDRESS}`];
    const maker = await TestNode.start(folder, [...ALONE, ...mining, "-miningfirstblocks=2100"]);
    await eventually(async () => ((await maker.call<number>("getblockcount")) === 2100 ? true : undefined));
    expect(await maker.stop()).toMatchObject({ code: 0, stderr: "" });

    const web = await TestNode.start(temporaryFolder(), webServer(webPort, peerPort));
    expect(await readiness(webPort)).toEqual({ status: 503, error: "The node has no block but the first yet." });
    const reasons = new Set<string | null>();
    // Looked at from before the miner is there: on a busy machine all may be fetched by the time that it tells its state.
    const [miner] = await Promise.all([
      TestNode.start(folder, listening(peerPort)),
      eventually(async () => {
        const { status, error } = await readiness(webPort);
        reasons.add(error);
        return status === 200 ? true : undefined;
      }),
    ]);
    expect(await web.call("getblockcount")).toBeGreaterThanOrEqual(2097);
    expect([...reasons].some((reason) => reason?.endsWith("blocks behind."))).toBe(true);

    // The miner is gone: what it told of can still be told.
    expect(await miner.stop()).toMatchObject({ code: 0, stderr: "" });
    expect(await readiness(webPort)).toMatchObject({ status: 200 });
    expect(await web.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  test("is not ready before a miner that fetches its chain itself has all of it, though each asks before the other has anything", async () => {
    const [minerPort, relayPort, webPort] = (await freePorts(3)) as [number, number, number];
    const folder = temporaryFolder();
    const mining = ["-mining=interval", "-mininginterval=36000", `-miningaddress=${ADDRESS}`];
    const maker = await TestNode.start(folder, [...ALONE, ...mining, "-miningfirstblocks=1500"]);
    await eventually(async () => ((await maker.call<number>("getblockcount")) === 1500 ? true : undefined));
    expect(await maker.stop()).toMatchObject({ code: 0, stderr: "" });

    // The web server is connected first: the miner asks it for headers, and must ask its own peer all the same. It is to mine nothing itself.
    const own = [...listening(relayPort), `-addnode=127.0.0.1:${minerPort}`, ...mining, "-miningpeerwait=600"];
    const relay = await TestNode.start(temporaryFolder(), own);
    const web = await TestNode.start(temporaryFolder(), webServer(webPort, relayPort));
    await eventually(async () => ((await relay.call<number>("getconnectioncount")) === 1 ? true : undefined));
    const miner = await TestNode.start(folder, listening(minerPort));
    await eventually(async () => ((await readiness(webPort)).status === 200 ? true : undefined));
    expect(await web.call("getblockcount")).toBeGreaterThanOrEqual(1497);
    expect(await relay.call("getminerinfo")).toMatchObject({ found: 0 });
    for (const node of [web, relay, miner]) expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  test("does not take what a miner has that fetches its own chain for all there is", async () => {
    const [peerPort, webPort] = (await freePorts(2)) as [number, number];
    const folder = temporaryFolder();
    const then = Math.floor(Date.now() / 1000) - THREE_DAYS_SECONDS;
    const maker = await TestNode.start(folder, [...ALONE, `-mocktime=${then}`]);
    await maker.call("generatetoaddress", 30, ADDRESS);
    expect(await maker.stop()).toMatchObject({ code: 0, stderr: "" });

    // Blocks of days ago are the last that it has: it may be in the middle of a download as well.
    const miner = await TestNode.start(folder, listening(peerPort));
    expect(await miner.call("getblockchaininfo")).toMatchObject({ initialblockdownload: true });
    const web = await TestNode.start(temporaryFolder(), webServer(webPort, peerPort));
    await eventually(async () => ((await web.call<number>("getblockcount")) === 30 ? true : undefined));
    const why = await eventually(async () => {
      const { status, error } = await readiness(webPort);
      expect(status).toBe(503);
      // For a moment after the last block it may have another reason.
      return error?.startsWith("The peers") ? error : undefined;
    });
    expect(why).toBe("The peers are fetching their own chain yet.");
    await miner.call("generatetoaddress", 1, ADDRESS);
    await eventually(async () => ((await readiness(webPort)).status === 200 ? true : undefined));
    await eventually(async () => ((await web.call<number>("getblockcount")) === 31 ? true : undefined));
    for (const node of [web, miner]) expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
  });
});
