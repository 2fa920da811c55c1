import { describe, expect, test } from "vitest";
import { linksOf, NODES_MAX, parsePartition, partitionOf, planNetwork } from "./topology.ts";

const PORTS = { rpc: 18443, web: 8080 };
const plan = (miners: number, webservers: number) => planNetwork({ miners, webservers }, PORTS);

describe("the plan", () => {
  test("miners form a chain and web servers spread over them", () => {
    const nodes = plan(3, 4);
    expect(nodes.map(({ name, connectsTo }) => [name, ...connectsTo])).toEqual([
      ["miner-0"],
      ["miner-1", "miner-0"],
      ["miner-2", "miner-1"],
      ["webserver-0", "miner-0"],
      ["webserver-1", "miner-1"],
      ["webserver-2", "miner-2"],
      ["webserver-3", "miner-0"],
    ]);
    expect(nodes.map(({ p2pPort }) => p2pPort)).toEqual([2001, 2002, 2003, 2101, 2102, 2103, 2104]);
    expect(nodes.map(({ rpcPort }) => rpcPort)).toEqual([18443, 18444, 18445, 18446, 18447, 18448, 18449]);
    expect(nodes.map(({ webPort }) => webPort)).toEqual([undefined, undefined, undefined, 8080, 8081, 8082, 8083]);
  });

  test("without web servers the first miner serves the page", () => {
    expect(plan(2, 0).map(({ webPort }) => webPort)).toEqual([8080, undefined]);
  });

  test("sizes at the edge", () => {
    expect(plan(1, 0)).toHaveLength(1);
    expect(() => plan(0, 1)).toThrow("A network needs a miner at least.");
    expect(plan(NODES_MAX - 1, 1)).toHaveLength(NODES_MAX);
    expect(() => plan(NODES_MAX, 1)).toThrow(`At most ${NODES_MAX} nodes run on one machine, not ${NODES_MAX + 1}.`);
    expect(() => plan(1.5, 0)).toThrow("A whole number of miners is expected, not 1.5.");
    expect(() => plan(1, -1)).toThrow("A whole number of webservers is expected, not -1.");
  });
});

describe("the ports of a plan", () => {
  const planAt = (rpc: number, web: number) => planNetwork({ miners: 2, webservers: 2 }, { rpc, web });

  test("end at the last port there is", () => {
    expect(planAt(65_532, 8080).at(-1)!.rpcPort).toBe(65_535);
    expect(() => planAt(65_533, 8080)).toThrow("The ports behind 65533 do not suffice for so many nodes.");
    expect(planAt(18443, 65_534).at(-1)!.webPort).toBe(65_535);
    expect(() => planAt(18443, 65_535)).toThrow("The ports behind 65535 do not suffice for so many nodes.");
  });

  test("are of JSON-RPC or of a page, not of both", () => {
    expect(planAt(8076, 8080)).toHaveLength(4);
    expect(() => planAt(8077, 8080)).toThrow(
      "JSON-RPC from port 8077 to 8080 and pages from port 8080 to 8081 overlap.",
    );
    expect(() => planAt(8081, 8080)).toThrow("overlap");
    expect(planAt(8082, 8080)).toHaveLength(4);
  });
});

describe("partitions", () => {
  const nodes = plan(3, 1);
  const names = nodes.map(({ name }) => name);

  test("links within the groups stay, and each group is connected", () => {
    expect(linksOf(nodes, [])).toEqual([
      { from: "miner-1", to: "miner-0" },
      { from: "miner-2", to: "miner-1" },
      { from: "webserver-0", to: "miner-0" },
    ]);
    expect(
      linksOf(nodes, [
        ["miner-0", "miner-2"],
        ["miner-1", "webserver-0"],
      ]),
    ).toEqual([
      { from: "miner-2", to: "miner-0" },
      { from: "webserver-0", to: "miner-1" },
    ]);
    expect(linksOf(nodes, [["miner-0", "miner-1"], ["miner-2"], ["webserver-0"]])).toEqual([
      { from: "miner-1", to: "miner-0" },
    ]);
  });

  test("text: who is not named is one more group", () => {
    expect(parsePartition("miner-0, miner-1 | miner-2", names)).toEqual([
      ["miner-0", "miner-1"],
      ["miner-2"],
      ["webserver-0"],
    ]);
    expect(parsePartition("miner-0", names)).toEqual([["miner-0"], ["miner-1", "miner-2", "webserver-0"]]);
  });

  test("groups of names are taken as they are, empty ones left out", () => {
    expect(partitionOf([["miner-2", "miner-0"], []], names)).toEqual([
      ["miner-2", "miner-0"],
      ["miner-1", "webserver-0"],
    ]);
    expect(() => partitionOf([["miner-0"], ["miner-0"]], names)).toThrow("miner-0 is named twice");
    expect(() => partitionOf([], names)).toThrow("All nodes are in one group");
  });

  test("text that says no partition", () => {
    expect(() => parsePartition("miner-0 | miner-7", names)).toThrow(
      "There is no node 'miner-7' in the network; there are miner-0, miner-1, miner-2, webserver-0.",
    );
    expect(() => parsePartition("miner-0 | miner-0", names)).toThrow("miner-0 is named twice; a node is in one group.");
    expect(() => parsePartition(names.join(","), names)).toThrow("All nodes are in one group");
    expect(() => parsePartition(" | ", names)).toThrow("All nodes are in one group");
  });
});
