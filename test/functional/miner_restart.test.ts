import { describe, expect, test } from "vitest";
import { freePorts } from "../../packages/node/src/network/free-port.ts";
import { ADDRESS, eventually, TestNode, temporaryFolder } from "./test-node.ts";

/** Longer than the test takes: who begins sooner has heard its peer. */
const LONG_WAIT = "-miningpeerwait=600";
const CONTINUOUS = ["-mining=continuous", `-miningaddress=${ADDRESS}`];

interface ChainTip {
  readonly height: number;
  readonly status: string;
}

const height = (node: TestNode) => node.call<number>("getblockcount");
const isAbove = (node: TestNode, blocks: number) =>
  eventually(async () => ((await height(node)) > blocks ? true : undefined));
const reaches = (node: TestNode, blocks: number) =>
  eventually(async () => ((await height(node)) >= blocks ? true : undefined));

function listening(port: number): readonly string[] {
  return ["-listen=1", `-bind=127.0.0.1:${port}`, "-dnsseed=0", "-fixedseeds=0"];
}

describe("a miner that is started again", () => {
  test("mines on what its peers have mined meanwhile, and nothing stale", async () => {
    const [portA] = await freePorts(2);
    const a = await TestNode.start(temporaryFolder(), listening(portA!));
    const folder = temporaryFolder();
    const args = ["-dnsseed=0", "-fixedseeds=0", `-addnode=127.0.0.1:${portA}`];
    const first = await TestNode.start(folder, args);
    await a.call("generatetoaddress", 5, ADDRESS);
    await reaches(first, 5);
    expect(await first.stop()).toMatchObject({ code: 0, stderr: "" });
    await a.call("generatetoaddress", 20, ADDRESS);

    const again = await TestNode.start(folder, [...args, ...CONTINUOUS, LONG_WAIT]);
    await isAbove(again, 30);
    await again.call("setminer", "off");
    // A block on an old tip would be a branch of its own.
    expect((await again.call<readonly ChainTip[]>("getchaintips")).map(({ status }) => status)).toEqual(["active"]);
    expect((await again.call<{ stale: number }>("getminerinfo")).stale).toBe(0);
    const own = await again.call<number>("getblockcount");
    await reaches(a, own);
    expect(await again.stop()).toMatchObject({ code: 0, stderr: "" });
    expect(await a.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  test("waits for no one where nobody was named, and not for ever where nobody answers", async () => {
    const alone = await TestNode.start(temporaryFolder(), [...CONTINUOUS, "-dnsseed=0", "-fixedseeds=0"]);
    await isAbove(alone, 3);
    expect(await alone.stop()).toMatchObject({ code: 0, stderr: "" });

    const [nobody] = await freePorts(1);
    const args = [...CONTINUOUS, `-addnode=127.0.0.1:${nobody}`, "-dnsseed=0", "-fixedseeds=0"];
    const left = await TestNode.start(temporaryFolder(), [...args, "-miningpeerwait=1"]);
    await isAbove(left, 3);
    expect(await left.stop()).toMatchObject({ code: 0, stderr: "" });
    const waiting = await TestNode.start(temporaryFolder(), [...args, LONG_WAIT]);
    expect(await waiting.call("getminerinfo")).toMatchObject({ pacing: "continuous", found: 0 });
    expect(await height(waiting)).toBe(0);
    // Neither does the end wait for it.
    expect(await waiting.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  test("goes on where all start again at once, each naming the other", async () => {
    const ports = await freePorts(2);
    const folders = [temporaryFolder(), temporaryFolder()];
    const start = (index: number, ...more: string[]) =>
      TestNode.start(folders[index]!, [...listening(ports[index]!), `-addnode=127.0.0.1:${ports[1 - index]}`, ...more]);
    const before = await Promise.all([start(0), start(1)]);
    await before[0]!.call("generatetoaddress", 3, ADDRESS);
    await reaches(before[1]!, 3);
    for (const node of before) expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
    const paced = ["-mining=interval", "-mininginterval=0.5", `-miningaddress=${ADDRESS}`, LONG_WAIT];
    const nodes = await Promise.all([start(0, ...paced), start(1, ...paced)]);
    for (const node of nodes) await isAbove(node, 5);
    for (const node of nodes) await node.call("setminer", "off");
    for (const node of nodes) expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a miner that is to have first blocks", () => {
  const paced = [
    ...["-mining=interval", "-mininginterval=36000", `-miningaddress=${ADDRESS}`, "-miningfirstblocks=101"],
    ...["-dnsseed=0", "-fixedseeds=0"],
  ];

  test("makes them at once, no more at its next start, and none where it is told of peers", async () => {
    const folder = temporaryFolder();
    const first = await TestNode.start(folder, paced);
    await reaches(first, 101);
    expect(await first.call("getblockchaininfo")).toMatchObject({ initialblockdownload: false, blocks: 101 });
    expect(await first.stop()).toMatchObject({ code: 0, stderr: "" });
    const again = await TestNode.start(folder, paced);
    expect(await height(again)).toBe(101);
    expect(await again.stop()).toMatchObject({ code: 0, stderr: "" });

    const [nobody] = await freePorts(1);
    const toldArgs = [...paced, `-addnode=127.0.0.1:${nobody}`, "-miningpeerwait=0"];
    const told = await TestNode.start(temporaryFolder(), toldArgs);
    expect(await told.call("getminerinfo")).toMatchObject({ pacing: "interval", found: 0 });
    expect(await height(told)).toBe(0);
    expect(await told.stop()).toMatchObject({ code: 0, stderr: "" });
  });
});
