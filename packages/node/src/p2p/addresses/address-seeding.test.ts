import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { formatAddress, parseAddress, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { GossipAddress, NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { TestClock, TestLog } from "../test-kit.ts";
import { AddressManager } from "./address-manager.ts";
import { AddressSeeding, type AddressSeedingOptions } from "./address-seeding.ts";

const NETWORK = { ...networkByName("main")!, dnsSeeds: ["a.seed", "b.seed", "c.seed", "d.seed"] };
const NO_FIXED = { fixedSeeds: false } as const;
const ADDRESSES_PER_SEED_MAX = 32;

interface SetUp extends Partial<AddressSeedingOptions> {
  /** Known before the start. */
  readonly knownCount?: number;
  readonly reachable?: readonly NetworkKind[];
}

function setUp({ knownCount = 0, reachable = ["ipv4"], ...options }: SetUp = {}) {
  const [clock, log] = [new TestClock(), new TestLog()];
  const addresses = new AddressManager({ clock, random: systemRandom, log });
  const source = parseAddress("9.9.9.9")!;
  const gossip = (text: string): GossipAddress => {
    const timeSeconds = Math.floor(clock.nowMs() / 1000);
    return { ...parseEndpoint(text, 8333)!, services: 9n, timeSeconds };
  };
  const know = (count: number) => {
    // From many sources, so that all find a place.
    for (let index = 0; addresses.size() < count; index++) {
      const from = parseAddress(`${(index % 100) + 20}.${index % 250}.1.1`) ?? source;
      addresses.add([gossip(`${(index % 190) + 11}.${(index * 7) % 250}.${index % 250}.7`)], from);
    }
  };
  know(knownCount);
  const state = { peers: 0, isActive: true, perSeed: 1 };
  const asked: { readonly host: string; readonly countMax: number }[] = [];
  const fetched: string[] = [];
  const seeding = new AddressSeeding(
    {
      network: NETWORK,
      dnsSeed: true,
      forceDnsSeed: false,
      fixedSeeds: true,
      seedNodes: [],
      hasAddedNodes: false,
      hasNameProxy: false,
      ...options,
    },
    {
      sockets: {
        resolve: async (host, countMax) => {
          asked.push({ host, countMax });
          return Array.from({ length: state.perSeed }, (_, index) => parseAddress(`30.${asked.length}.${index}.1`)!);
        },
      },
      addresses,
      reachableNetworks: reachable,
      fullRelayCount: () => state.peers,
      isActive: () => state.isActive,
      fetchFrom: (name) => fetched.push(name),
      clock,
      random: { unit: () => 0.5 },
      log,
    },
  );
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const advance = async (byMs: number) => {
    await settle();
    for (let leftMs = byMs; leftMs > 0; leftMs -= 500) {
      clock.advance(Math.min(leftMs, 500));
      await settle();
    }
  };
  const hosts = () => asked.map(({ host }) => host);
  return { clock, log, addresses, state, asked, hosts, fetched, seeding, advance, know };
}

describe("DNS", () => {
  test("is asked at all seeds at once where no address is known, by the services that we want", async () => {
    const { seeding, advance, asked, addresses, log, clock } = setUp();
    seeding.start();
    await advance(0);
    expect(asked.map(({ host }) => host).sort()).toEqual(["a", "b", "c", "d"].map((name) => `x9.${name}.seed`));
    expect(asked[0]!.countMax).toBe(ADDRESSES_PER_SEED_MAX);
    expect(log.with("4 addresses found from DNS seeds")).toHaveLength(1);
    const entry = addresses.find(parseEndpoint("30.1.0.1:8333", 0)!)!;
    // Between three and seven days old.
    const ageDays = (clock.nowMs() / 1000 - entry.timeSeconds) / 86_400;
    expect([entry.services, ageDays]).toEqual([9n, 5]);
    expect(formatAddress(entry.endpoint.address)).toBe("30.1.0.1");
  });

  test.each([
    [1, 11],
    [999, 11],
    [1000, 300],
  ])("with %i addresses known is asked after %i seconds, at three seeds first", async (knownCount, seconds) => {
    const { seeding, advance, hosts, log, state } = setUp({ knownCount });
    state.perSeed = 0;
    seeding.start();
    await advance(seconds * 1000 - 500);
    expect(hosts()).toEqual([]);
    await advance(500);
    expect(hosts()).toHaveLength(3);
    await advance(seconds * 1000 - 500);
    expect(hosts()).toHaveLength(3);
    await advance(500);
    expect(hosts()).toHaveLength(4);
    expect(log.with(`Waiting ${seconds} seconds before querying DNS seeds.`)).toHaveLength(2);
  });

  test("goes on waiting as long as at first, though many addresses were found", async () => {
    const { seeding, advance, hosts, know, state } = setUp({ knownCount: 999 });
    state.perSeed = 0;
    seeding.start();
    await advance(10_500);
    know(1000);
    await advance(500);
    expect(hosts()).toHaveLength(3);
    await advance(11_000);
    expect(hosts()).toHaveLength(4);
  });

  test.each([
    [1, false],
    [2, true],
  ])("is not asked where %i peers were found meanwhile: %s", async (peers, isSkipped) => {
    const { seeding, advance, hosts, log, state } = setUp({ knownCount: 1000 });
    seeding.start();
    await advance(10_500);
    state.peers = peers;
    await advance(300_000);
    expect(hosts().length === 0).toBe(isSkipped);
    expect(log.with("P2P peers available. Skipped DNS seeding.")).toHaveLength(isSkipped ? 1 : 0);
  });

  test("is asked no more once peers were found with its help", async () => {
    const { seeding, advance, hosts, log, state } = setUp({ knownCount: 1 });
    seeding.start();
    await advance(11_000);
    state.peers = 2;
    await advance(60_000);
    expect(hosts()).toHaveLength(3);
    expect(log.lines.slice(-2)).toEqual([
      "3 addresses found from DNS seeds",
      "P2P peers available. Finished DNS seeding.",
    ]);
  });

  test("is asked at all seeds at once where the operator says so, whatever is known", async () => {
    const { seeding, advance, hosts, state } = setUp({ knownCount: 5, forceDnsSeed: true });
    state.peers = 8;
    seeding.start();
    await advance(0);
    expect(hosts()).toHaveLength(4);
  });

  test("is left to one of a seed's nodes where it knows no such name, or a proxy resolves names", async () => {
    for (const hasNameProxy of [true, false]) {
      const { seeding, advance, hosts, fetched, state } = setUp({ hasNameProxy, ...NO_FIXED });
      state.perSeed = 0;
      seeding.start();
      await advance(0);
      expect(hosts()).toHaveLength(hasNameProxy ? 0 : 4);
      expect([...fetched].sort()).toEqual(NETWORK.dnsSeeds);
    }
  });

  test("waits until the network is switched on", async () => {
    const { seeding, advance, hosts, log, state } = setUp();
    state.isActive = false;
    seeding.start();
    await advance(30_000);
    expect(hosts()).toEqual([]);
    expect(log.with("Waiting for network to be reactivated before querying DNS seeds.")).toHaveLength(1);
    state.isActive = true;
    await advance(1000);
    expect(hosts()).toHaveLength(4);
  });

  test("is not asked where the operator does not want it, nor after the end", async () => {
    const off = setUp({ dnsSeed: false });
    off.seeding.start();
    await off.advance(60_000);
    expect([off.hosts(), off.log.with("DNS seeding disabled").length]).toEqual([[], 1]);
    const stopped = setUp({ knownCount: 1 });
    stopped.seeding.start();
    stopped.seeding.stop();
    await stopped.advance(60_000);
    expect(stopped.hosts()).toEqual([]);
  });
});

test("DNS alone is asked where the operator named all connections", async () => {
  const { seeding, advance, hosts, fetched, log } = setUp({ seedNodes: ["one"] });
  seeding.startDns();
  await advance(120_000);
  expect([hosts().length, fetched, log.with("fixed seeds")]).toEqual([4, [], []]);
});

describe("-seednode", () => {
  const seedNodes = ["one", "two"];

  test("is asked at once where no address is known, the next every ten seconds while peers are missing", async () => {
    const { seeding, advance, fetched, state, log } = setUp({ seedNodes, dnsSeed: false, ...NO_FIXED });
    seeding.start();
    expect(fetched).toHaveLength(1);
    await advance(10_000);
    expect(fetched).toHaveLength(1);
    await advance(500);
    expect([...fetched].sort()).toEqual(seedNodes);
    expect(log.with("Empty addrman, adding seednode (")).toHaveLength(2);
    state.peers = 0;
    await advance(60_000);
    expect(fetched).toHaveLength(2);
  });

  test.each([
    [1, 1],
    [2, 0],
  ])("with addresses known and %i peers after ten seconds: %i are asked", async (peers, count) => {
    const { seeding, advance, fetched, state, log } = setUp({ seedNodes, dnsSeed: false, knownCount: 1 });
    state.peers = peers;
    seeding.start();
    await advance(10_500);
    expect(fetched).toHaveLength(count);
    const line = "Couldn't connect to peers from addrman after 10 seconds. Adding seednode (";
    expect(log.with(line)).toHaveLength(count);
  });

  test("comes before DNS, which is asked after thirty seconds", async () => {
    const { seeding, advance, hosts, log } = setUp({ seedNodes, ...NO_FIXED });
    seeding.start();
    await advance(30_000);
    expect(hosts()).toEqual([]);
    await advance(500);
    expect(hosts()).toHaveLength(4);
    expect(log.with("-seednode enabled. Trying the provided seeds for 30 seconds")).toHaveLength(1);
    expect(log.with("Couldn't connect to enough peers via seed nodes.")).toHaveLength(1);
  });

  test.each([
    [1, false, 0],
    [0, false, 4],
    [1, true, 4],
  ])(
    "was enough: with %i addresses known and -forcednsseed=%s, %i seeds are asked",
    async (knownCount, forceDnsSeed, count) => {
      const { seeding, advance, hosts, log, state } = setUp({ seedNodes, knownCount, forceDnsSeed });
      seeding.start();
      state.peers = 2;
      await advance(500);
      expect(hosts()).toHaveLength(count);
      expect(log.with("P2P peers available. Finished fetching data from seed nodes.")).toHaveLength(1);
      const line = "Skipping DNS seeds. Enough peers have been found";
      expect(log.with(line)).toHaveLength(count === 0 ? 1 : 0);
    },
  );

  test("says nothing more once the node ends", async () => {
    const { seeding, advance, hosts, log } = setUp({ seedNodes });
    seeding.start();
    seeding.stop();
    await advance(60_000);
    expect([hosts(), log.with("enough peers")]).toEqual([[], []]);
  });
});

describe("the fixed seeds", () => {
  const added = ({ log }: { readonly log: TestLog }) => log.with("fixed seeds from reachable networks").length;

  test("come in after a minute where a network has no address yet", async () => {
    const rig = setUp();
    rig.state.perSeed = 0;
    rig.seeding.start();
    await rig.advance(60_000);
    expect(added(rig)).toBe(0);
    await rig.advance(500);
    expect(added(rig)).toBe(1);
    expect(rig.addresses.size({ network: "ipv4" })).toBeGreaterThan(0);
    const other = rig.addresses.size();
    expect(rig.addresses.size({ network: "ipv4" })).toBe(other);
    await rig.advance(120_000);
    expect(added(rig)).toBe(1);
  });

  test("are not needed where every reachable network has an address", async () => {
    for (const [reachable, isNeeded] of [
      [["ipv4"], false],
      [["ipv4", "onion"], true],
    ] as const) {
      const rig = setUp({ knownCount: 1, dnsSeed: false, reachable });
      rig.seeding.start();
      await rig.advance(120_000);
      expect(added(rig)).toBe(isNeeded ? 1 : 0);
      // Only of the network that had none.
      expect(rig.addresses.size({ network: "ipv4" })).toBe(1);
    }
  });

  test.each([
    ["no other source", {}, true],
    ["-addnode", { hasAddedNodes: true }, false],
    ["-seednode", { seedNodes: ["one"] }, false],
    ["DNS", { dnsSeed: true }, false],
  ])("come in at once with %s: %j, %s", async (_what, options, isAtOnce) => {
    const rig = setUp({ dnsSeed: false, ...options });
    rig.state.perSeed = 0;
    rig.seeding.start();
    await rig.advance(500);
    expect(added(rig)).toBe(isAtOnce ? 1 : 0);
    expect(rig.log.with("Adding fixed seeds as -dnsseed=0")).toHaveLength(isAtOnce ? 1 : 0);
  });

  test("stay out where the operator says so", async () => {
    const rig = setUp({ dnsSeed: false, ...NO_FIXED });
    rig.seeding.start();
    await rig.advance(120_000);
    expect([added(rig), rig.log.with("Fixed seeds are disabled").length]).toEqual([0, 1]);
  });
});
