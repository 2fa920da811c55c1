import { describe, expect, test } from "vitest";
import { answerDns } from "./dns-message.ts";
import { resolverFile, zoneOf } from "./dns-zone.ts";
import type { NetworkPolicy } from "./kubernetes-types.ts";
import { refusalsOf, rulesetOf, type Traffic, type TrafficPod } from "./traffic-rules.ts";

/** Names, services and policies, as far as they can be tested without a namespace. */

const pod = (address: string, app: string, namespace = "blockchain"): TrafficPod => ({
  address,
  namespace,
  labels: { app },
  portNames: { p2p: 2001 },
});

describe("names", () => {
  const zone = zoneOf("blockchain", "cluster.local", [
    {
      name: "miner-headless",
      clusterAddress: undefined,
      pods: [
        { address: "10.244.0.1", hostname: "miner-0" },
        { address: "10.244.0.2", hostname: "miner-1" },
      ],
    },
    { name: "empty", clusterAddress: undefined, pods: [] },
    { name: "redis", clusterAddress: "10.96.0.20", pods: [{ address: "10.244.0.3", hostname: undefined }] },
  ]);
  /** The code of the answer and its records: addresses, or names that are pointed to. */
  const ask = (name: string, type: number): [code: number, ...records: string[]] => {
    const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
    const question = Buffer.from([7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
    const answer = answerDns(question, zone)!;
    expect(answer.subarray(0, 2)).toEqual(Buffer.from([7, 9]));
    const records: string[] = [];
    let at = question.length;
    for (let index = 0; index < answer.readUInt16BE(6); index++) {
      const length = answer.readUInt16BE(at + 10);
      const data = answer.subarray(at + 12, at + 12 + length);
      records.push(type === 1 ? data.join(".") : data.toString("latin1"));
      at += 12 + length;
    }
    expect(at).toBe(answer.length);
    return [answer[3]! & 15, ...records];
  };

  test("a pod of a set, all pods of a headless service, and the address of a service", () => {
    expect(ask("miner-1.miner-headless.blockchain.svc.cluster.local", 1)).toEqual([0, "10.244.0.2"]);
    expect(ask("Miner-Headless.blockchain.svc.cluster.local", 1)).toEqual([0, "10.244.0.1", "10.244.0.2"]);
    expect(ask("redis.blockchain.svc.cluster.local", 1)).toEqual([0, "10.96.0.20"]);
  });

  test("a name that there is has no IPv6 address, and one that there is not is told so", () => {
    expect(ask("redis.blockchain.svc.cluster.local", 28)).toEqual([0]);
    expect(ask("empty.blockchain.svc.cluster.local", 1)).toEqual([0]);
    expect(ask("redis", 1)).toEqual([3]);
  });

  test("an address leads to its name", () => {
    const name = "miner-0.miner-headless.blockchain.svc.cluster.local";
    const encoded = `${name
      .split(".")
      .map((label) => String.fromCharCode(label.length) + label)
      .join("")}\0`;
    expect(ask("1.0.244.10.in-addr.arpa", 12)).toEqual([0, encoded]);
    expect(ask("9.0.244.10.in-addr.arpa", 12)).toEqual([3]);
  });

  test("what is no question has no answer", () => {
    expect(answerDns(Buffer.alloc(5), zone)).toBeUndefined();
    expect(answerDns(Buffer.from([0, 0, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]), zone)).toBeUndefined();
    expect(answerDns(Buffer.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 65]), zone)).toBeUndefined();
  });

  test("a pod looks for short names in its own namespace first", () => {
    expect(resolverFile("blockchain", "cluster.local", "10.96.0.10")).toMatch(
      /^search blockchain\.svc\.cluster\.local /,
    );
  });
});

describe("rules", () => {
  const [web, miner, stranger] = [
    pod("10.244.0.1", "web"),
    pod("10.244.0.2", "miner"),
    pod("10.244.0.3", "web", "other"),
  ];
  const rulesOf = (chain: string, traffic: Partial<Traffic>) => {
    const text = rulesetOf({
      pods: [web, miner, stranger],
      namespaceLabels: { blockchain: { name: "blockchain" }, other: { name: "other" } },
      services: [],
      policies: [],
      cuts: [],
      ...traffic,
    });
    const blocks = [
      ...text.matchAll(new RegExp(`^  chain ${chain.replaceAll(".", "\\.")} \\{\n((?:    .*\n)*)  \\}`, "gm")),
    ];
    return blocks[0]![1]!
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  };
  const policy = (spec: NetworkPolicy["spec"]): NetworkPolicy => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "p", namespace: "blockchain" },
    spec,
  });

  test("new connections to a service go to its pods by chance, and are refused where there are none", () => {
    const port = { address: "10.96.0.20", port: 80, protocol: "tcp" as const };
    const targets = [web, miner].map(({ address }) => ({ address, port: 8080 }));
    expect(rulesOf("arriving", { services: [{ ...port, targets }] })).toEqual([
      "ip daddr 10.96.0.20 tcp dport 80 dnat ip to numgen random mod 2 map { 0 : 10.244.0.1 . 8080, 1 : 10.244.0.2 . 8080 }",
    ]);
    expect(rulesOf("arriving", { services: [{ ...port, targets: [] }] })).toEqual([]);
    expect(rulesOf("passing", { services: [{ ...port, targets: [] }] })).toContain(
      "ip daddr 10.96.0.20 tcp dport 80 reject",
    );
  });

  test("a pod that no policy selects is open; one that any selects is closed but for what is permitted", () => {
    const closed = policy({ podSelector: { matchLabels: { app: "miner" } }, policyTypes: ["Ingress"] });
    expect(rulesOf("in-10.244.0.1", { policies: [closed] })).toEqual([]);
    expect(rulesOf("in-10.244.0.2", { policies: [closed] })).toEqual(["goto refused"]);
    expect(rulesOf("out-10.244.0.2", { policies: [closed] })).toEqual([]);
    const open = policy({
      podSelector: {},
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: "p2p" }] }],
    });
    // The stranger is of another namespace, and has the label in vain.
    expect(rulesOf("in-10.244.0.2", { policies: [closed, open] })).toEqual([
      "ip saddr 10.244.0.1 tcp dport 2001 return",
      "goto refused",
    ]);
    expect(rulesOf("in-10.244.0.3", { policies: [closed, open] })).toEqual([]);
  });

  test("peers are pods of other namespaces, ranges of addresses without some, or everybody", () => {
    const egress = [
      {
        to: [{ namespaceSelector: { matchLabels: { name: "other" } }, podSelector: {} }],
        ports: [{ protocol: "UDP", port: 53 }],
      },
      { to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] },
      { ports: [{ port: 8000, endPort: 8100 }] },
    ];
    expect(
      rulesOf("out-10.244.0.1", { policies: [policy({ podSelector: {}, policyTypes: ["Egress"], egress })] }),
    ).toEqual([
      "ip daddr 10.244.0.3 udp dport 53 return",
      "ip daddr 10.0.0.0/8 ip daddr != { 10.1.0.0/16 } return",
      "tcp dport 8000-8100 return",
      "goto refused",
    ]);
  });

  test("a cut is before everything, also for connections that there are", () => {
    expect(rulesOf("passing", { cuts: [["10.244.0.1", "10.244.0.2"]] }).slice(0, 3)).toEqual([
      "ip saddr 10.244.0.1 ip daddr 10.244.0.2 drop",
      "ip saddr 10.244.0.2 ip daddr 10.244.0.1 drop",
      "ct state established,related accept",
    ]);
  });

  test("what was refused is read from a listing", () => {
    const listing =
      "set denied {\n type ipv4_addr\n elements = { 10.244.0.1 . 10.244.0.2 . tcp . 22,\n 10.244.0.1 . 10.244.0.2 . udp . 53 }\n}";
    expect(refusalsOf(listing).map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(["tcp 22", "udp 53"]);
    expect(refusalsOf("set denied {\n type ipv4_addr\n}")).toEqual([]);
  });
});
