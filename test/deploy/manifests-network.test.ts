import { splitHostPort } from "@bitfleet/protocol/wire/address-text.ts";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { beforeAll, describe, expect, test } from "vitest";
import { variablesOf } from "./kubernetes/checks/environment.ts";
import {
  allows,
  INGRESS,
  type Need,
  networkProblems,
  OUTSIDE,
  OWN_NAMESPACE,
  type Place,
  permitted,
  placesOf,
  STRANGER,
} from "./kubernetes/checks/network.ts";
import { containersOf, find, type KubeObject, workloadsOf } from "./kubernetes/objects.ts";
import { realSecrets, renderAll, type Shipped, SKIPPED } from "./kubernetes/shipped.ts";

/** Who may talk to whom: the policies, evaluated for every pair of pods and every port. */

let shipped: readonly Shipped[] = [];
let production: readonly KubeObject[] = [];
beforeAll(async () => {
  if (SKIPPED) return;
  shipped = await renderAll();
  production = objectsOf("production");
});

const objectsOf = (name: string) => (shipped.find((one) => one.name === name) as Shipped).objects;

const dnsFor = (...names: string[]) =>
  names.flatMap((name) =>
    ["dns", "dns-cache"].flatMap((server) => [`${name} -> ${server} tcp/53`, `${name} -> ${server} udp/53`]),
  );

const BASE = [
  ...dnsFor("miner", "webserver", "wallet"),
  "miner -> miner tcp/2001",
  "webserver -> miner tcp/2001",
  "wallet -> miner tcp/2001",
  "webserver -> redis tcp/6379",
  "webserver -> wallet tcp/8080",
  "prometheus -> miner tcp/9332",
  "prometheus -> webserver tcp/9332",
  "prometheus -> wallet tcp/9332",
];
const FROM_ANYWHERE = ["dns", "dns-cache", "prometheus", "ingress", "stranger", "outside"].map(
  (name) => `${name} -> webserver tcp/8080`,
);
const BACKUP = [
  ...dnsFor("backup-wallet", "backup-chain"),
  "backup-wallet -> wallet tcp/8080",
  "backup-chain -> miner tcp/2001",
];

/** What may be, by what is applied. Nothing else may. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  local: [...BASE, ...FROM_ANYWHERE],
  staging: [...BASE, ...BACKUP, "ingress -> webserver tcp/8080"],
  production: [...BASE, ...BACKUP, "ingress -> webserver tcp/8080"],
  "base with ingress-tls": [...BASE, "ingress -> webserver tcp/8080"],
  "base with public-peers": [
    ...BASE,
    ...FROM_ANYWHERE,
    ...FROM_ANYWHERE.map((way) => way.replace("tcp/8080", "tcp/2001")),
  ],
};

describe.skipIf(SKIPPED)("network policies", () => {
  test.each(Object.keys(EXPECTED))("of %s permit exactly what is needed", (name) => {
    const expected = EXPECTED[name] as readonly string[];
    // Whoever is let in from anywhere is asked for from our own pods as well; those may not leave for it.
    expect(permitted(objectsOf(name)).sort()).toEqual([...expected].sort());
  });

  test("give every pod what its configuration calls, names included", () => {
    for (const { name, objects } of shipped) {
      const needs = needsOf(objects);
      expect(needs.length, name).toBeGreaterThanOrEqual(5);
      expect(networkProblems(objects, needs), name).toEqual([]);
    }
  });

  test("needs are read from what pods are given", () => {
    expect(needsOf(objectsOf("local")).map(({ from, host, port }) => `${from.labels.app} ${host}:${port}`)).toEqual(
      expect.arrayContaining([
        "miner miner-headless.blockchain.svc.cluster.local:2001",
        "webserver miner-service.blockchain.svc.cluster.local:2001",
        "webserver wallet-service.blockchain.svc.cluster.local:8080",
        "webserver redis:6379",
        "wallet miner-service.blockchain.svc.cluster.local:2001",
      ]),
    );
  });

  const slips: readonly [
    what: string,
    change: (get: (kind: string, name: string) => Fields, objects: KubeObject[]) => void,
    problem: RegExp,
  ][] = [
    ["nobody may ask for names", (_get, objects) => remove(objects, "allow-dns"), /miner may not ask dns/],
    [
      "miners let nobody in",
      (get) => (get("NetworkPolicy", "miner").spec.ingress = []),
      /webserver may not call StatefulSet miner/,
    ],
    [
      "web servers may not go out to miners",
      (get) => get("NetworkPolicy", "webserver").spec.egress.splice(0, 1),
      /webserver may not call StatefulSet miner/,
    ],
    [
      "Redis lets in others",
      (get) => (get("NetworkPolicy", "redis").spec.ingress[0].from[0].podSelector.matchLabels.app = "miner"),
      /webserver may not call Deployment redis/,
    ],
    [
      "the wallet's port is another one",
      (get) => (get("NetworkPolicy", "wallet").spec.ingress[0].ports[0].port = 8081),
      /webserver may not call StatefulSet wallet/,
    ],
    [
      "only half of a way is there for the backup",
      (_get, objects) => remove(objects, "wallet-from-backup"),
      /backup-wallet may not call StatefulSet wallet/,
    ],
    [
      "the Service that is called has another name",
      (get) => (get("Service", "wallet-service").metadata.name = "wallets"),
      /wallet-service.blockchain.svc.cluster.local:8080, which no Service is/,
    ],
  ];
  test.each(slips)("a slip is found: %s", (_what, change, problem) => {
    const objects = structuredClone(production) as KubeObject[];
    const needs = needsOf(objects);
    change((kind, name) => find<Fields>(objects, kind, name) as Fields, objects);
    const now = needs.map((need) => ({
      ...need,
      from: workloadsOf(objects).find(({ name }) => name === need.from.name) ?? need.from,
    }));
    expect(networkProblems(objects, now).join("\n")).toMatch(problem);
  });

  test("a way too many is found: without default-deny, a rule for all, a wide range of addresses", () => {
    const change = (act: (objects: KubeObject[]) => void) => {
      const objects = structuredClone(production) as KubeObject[];
      act(objects);
      return permitted(objects).filter((way) => !EXPECTED.production?.includes(way));
    };
    expect(change((objects) => remove(objects, "default-deny"))).toContain("redis -> outside tcp/443");
    const open = (objects: KubeObject[]) =>
      find<INetworkPolicy>(objects, "NetworkPolicy", "wallet")?.spec?.ingress?.push({});
    expect(change(open)).toContain("stranger -> wallet tcp/8080");
    const wide = (objects: KubeObject[]) =>
      find<INetworkPolicy>(objects, "NetworkPolicy", "webserver")?.spec?.egress?.push({
        to: [{ ipBlock: { cidr: "203.0.113.0/24" } }],
      });
    expect(change(wide)).toContain("webserver -> outside tcp/443");
    const except = (objects: KubeObject[]) =>
      find<INetworkPolicy>(objects, "NetworkPolicy", "webserver")?.spec?.egress?.push({
        to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["203.0.113.0/24"] } }],
      });
    expect(change(except)).not.toContain("webserver -> outside tcp/443");
    const named = (objects: KubeObject[]) =>
      find<INetworkPolicy>(objects, "NetworkPolicy", "redis")?.spec?.ingress?.push({ ports: [{ port: "redis" }] });
    expect(change(named)).toContain("stranger -> redis tcp/6379");
  });

  test("with an ingress cert-manager can prove whose the host name is: its pods answer the controller, and nobody else", () => {
    const solver: Place = {
      name: "solver",
      namespace: OWN_NAMESPACE,
      labels: { "acme.cert-manager.io/http01-solver": "true" },
    };
    const door = { protocol: "TCP", port: 8089 } as const;
    expect(allows(production, INGRESS, solver, door)).toBe(true);
    expect(allows(production, INGRESS, solver, { ...door, port: 22 })).toBe(false);
    expect(allows(production, STRANGER, solver, door)).toBe(false);
    expect(allows(objectsOf("local"), INGRESS, solver, door)).toBe(false);
  });

  test("nobody outside reaches anything but the page, and no pod reaches the outside", () => {
    const objects = objectsOf("base with backup");
    for (const place of placesOf(objects)) {
      for (const port of [22, 443, 2001, 6379, 8080, 9332]) {
        const isDoor = place.name === "webserver" && port === 8080;
        expect(allows(objects, OUTSIDE, place, { protocol: "TCP", port }), `${place.name}:${port}`).toBe(isDoor);
        expect(allows(objects, place, OUTSIDE, { protocol: "TCP", port }), `${place.name} out`).toBe(false);
      }
    }
  });
});

/** Fields that a slip is made in. */
// biome-ignore lint/suspicious/noExplicitAny: what is changed is what the case says
type Fields = Record<string, any>;

const remove = (objects: KubeObject[], policy: string) =>
  objects.splice(
    objects.findIndex(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === policy),
    1,
  );

/** What pods call by what they are given: `host:port,…`, URLs, and `local` of a set's pods, which call the one before. */
function needsOf(objects: readonly KubeObject[]): Need[] {
  return workloadsOf(objects).flatMap((from) =>
    containersOf(from).flatMap((container) => {
      const {
        NODE_CONNECT_NODES: nodes = "",
        REDIS_URL: redis,
        WALLET_NODE_URL: wallet,
        POD_NAMESPACE: own,
      } = variablesOf(container, objects, realSecrets());
      const urls = [redis, wallet].flatMap((url) => (url ? [new URL(url)] : []));
      const set = from.object as KubeObject & { spec: { serviceName?: string } };
      return [
        ...nodes.split(",").flatMap((node) => {
          if (node === "") return [];
          if (node === "local") return [{ from, host: `${set.spec.serviceName}.${own}.svc.cluster.local`, port: 2001 }];
          const { host, port = 0 } = splitHostPort(node);
          return [{ from, host, port }];
        }),
        ...urls.map(({ hostname, port }) => ({ from, host: hostname, port: Number(port) })),
      ];
    }),
  );
}
