import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { KUBERNETES } from "./kubernetes/kubectl.ts";
import { find, type KubeObject, nameOf, ofKind, parseObjects, workloadsOf } from "./kubernetes/objects.ts";
import { schemaProblems } from "./kubernetes/schema.ts";
import { COMPONENTS, OVERLAYS, readObjects, renderAll, type Shipped, SKIPPED } from "./kubernetes/shipped.ts";

/** What is shipped for Kubernetes, against the types of Kubernetes and the names and numbers that others rely on. */

let shipped: readonly Shipped[] = [];
beforeAll(async () => {
  if (!SKIPPED) shipped = await renderAll();
});

const overlay = (name: string) => (shipped.find((one) => one.name === name) as Shipped).objects;

test("every folder of overlays and components is looked at", () => {
  const foldersOf = (path: string) =>
    readdirSync(join(KUBERNETES, path)).filter(
      (name) => !name.startsWith(".") && statSync(join(KUBERNETES, path, name)).isDirectory(),
    );
  expect(foldersOf("components").sort()).toEqual([...COMPONENTS].sort());
  expect(foldersOf("overlays").sort()).toEqual([...OVERLAYS].sort());
});

test("the README has every overlay and component", () => {
  const readme = readFileSync(join(KUBERNETES, "README.md"), "utf8");
  for (const name of COMPONENTS) expect(readme).toContain(`\n| \`${name}\` |`);
  for (const name of OVERLAYS) expect(readme).toContain(`\`${name}\``);
});

describe.skipIf(SKIPPED)("the types of Kubernetes", () => {
  test("know every object of every overlay and component, with all its fields", () => {
    expect(shipped.length).toBe(OVERLAYS.length + COMPONENTS.length);
    for (const { name, objects } of shipped) {
      expect(objects.length, name).toBeGreaterThan(30);
      for (const object of objects) expect(schemaProblems(object), name).toEqual([]);
    }
  });

  test("know the objects that are applied by hand", () => {
    const files = readdirSync(KUBERNETES, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".example.yaml"),
    );
    const objects = files.filter((path) => !path.includes("values")).flatMap(readObjects);
    expect(objects.length).toBeGreaterThan(4);
    for (const object of objects) expect(schemaProblems(object)).toEqual([]);
  });

  const CASES: readonly [what: string, change: (object: Fields) => void, problem: RegExp][] = [
    [
      "a field that there is not",
      (object) => (object.spec.template.spec.containers[0].readinesProbe = {}),
      /no field .*readinesProbe/,
    ],
    [
      "a field at the wrong place",
      (object) => (object.spec.terminationGracePeriodSeconds = 3),
      /no field .*terminationGracePeriodSeconds/,
    ],
    ["a text where a number is meant", (object) => (object.spec.replicas = "3"), /replicas must be integer/],
    ["a missing field", (object) => delete object.spec.selector, /selector/],
    [
      "a boolean as the value of a variable",
      (object) => (object.spec.template.spec.containers[0].env[0].value = true),
      /env.*value/,
    ],
    [
      "a quantity that is none",
      (object) => (object.spec.template.spec.containers[0].resources.limits.memory = "1 GB"),
      /memory/,
    ],
    ["a kind that there is not", (object) => (object.kind = "Deploymen"), /no Deploymen in apps\/v1/],
    [
      "a version of the API that is gone",
      (object) => (object.apiVersion = "apps/v1beta9"),
      /no Deployment in apps\/v1beta9/,
    ],
  ];
  test.each(CASES)("refuse %s", (_what, change, problem) => {
    const object = structuredClone(find(overlay("local"), "Deployment", "webserver")) as unknown as Fields;
    change(object);
    expect(schemaProblems(object as unknown as KubeObject).join("\n")).toMatch(problem);
  });

  test("refuse yes where a ConfigMap's text has no quotation marks, as kubectl does", () => {
    const [config] = parseObjects(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  NODE_IS_MINER: yes\n",
    );
    expect(schemaProblems(config as KubeObject).join()).toContain("NODE_IS_MINER");
  });

  test("hold for types of operators as far as we use them", () => {
    const rule = structuredClone(find(overlay("production"), "PrometheusRule", "bitfleet")) as unknown as Fields;
    rule.spec.groups[0].rules[0].sumary = "x";
    rule.spec.groups[0].rules[1].expr = 1;
    const problems = schemaProblems(rule as unknown as KubeObject);
    expect(problems.join("\n")).toMatch(/no field .*sumary[\s\S]*expr is no text/);
  });
});

describe.skipIf(SKIPPED)("names and numbers that others rely on", () => {
  test("are there in every overlay", () => {
    for (const name of OVERLAYS) {
      const names = overlay(name).map(nameOf);
      expect(names).toEqual(expect.arrayContaining([...CONTRACT]));
      for (const { kind, metadata } of overlay(name)) {
        if (kind !== "Namespace" && kind !== "StorageClass")
          expect(metadata.namespace, metadata.name).toBe("blockchain");
      }
      expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([]);
    }
  });

  test("the topology: miner-0 alone, later ones by number, web servers at miner-service", () => {
    const data = find<{ data: Record<string, string> }>(overlay("production"), "ConfigMap", "blockchain-config")?.data;
    expect(data).toMatchObject({
      MINER_NODE_IS_MINER: "yes",
      MINER_NODE_CONNECT_NODES: "local",
      WEBSERVER_NODE_CONNECT_NODES: "miner-service.blockchain.svc.cluster.local:2001",
      SEQUENTIAL_STARTUP: "no",
    });
  });

  test("miners: three in order, with claims of their own that outlive them", () => {
    const miner = find<Fields>(overlay("production"), "StatefulSet", "miner")?.spec as Fields;
    expect(miner).toMatchObject({ replicas: 3, serviceName: "miner-headless", podManagementPolicy: "OrderedReady" });
    for (const { spec } of ofKind<Fields>(overlay("production"), "StatefulSet"))
      expect(spec.updateStrategy.type).toBe("RollingUpdate");
    expect(miner.updateStrategy.rollingUpdate).toEqual({ partition: 0 });
    expect(miner.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
    const claims = miner.volumeClaimTemplates.map(({ metadata, spec }: Fields) => [
      metadata.name,
      spec.resources.requests.storage,
    ]);
    expect(claims).toEqual([
      ["miner-data", "50Gi"],
      ["miner-wallets", "1Gi"],
    ]);
    const [container] = miner.template.spec.containers;
    expect(container.resources).toEqual({
      requests: { cpu: "500m", memory: "512Mi" },
      limits: { cpu: "2", memory: "2Gi" },
    });
  });

  test("web servers: three that are replaced one more at a time and never one fewer, with nothing to keep", () => {
    const { spec } = find<Fields>(overlay("production"), "Deployment", "webserver") as Fields;
    expect(spec.replicas).toBe(3);
    expect(spec.strategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    const [container] = spec.template.spec.containers;
    expect(container.resources.requests).toMatchObject({ cpu: "250m", memory: "256Mi" });
    expect(container.resources.limits).toMatchObject({ cpu: "1", memory: "1Gi" });
    expect(spec.template.spec.volumes.filter(({ persistentVolumeClaim }: Fields) => persistentVolumeClaim)).toEqual([]);
  });

  test("autoscalers: how many, by what, how fast up and down", () => {
    const base = (shipped.find(({ name }) => name === "base with gitops") as Shipped).objects;
    const specOf = (name: string) => find<Fields>(base, "HorizontalPodAutoscaler", name)?.spec as Fields;
    const policies = (rules: Fields) =>
      rules.policies.map(({ type, value, periodSeconds }: Fields) => `${value} ${type}/${periodSeconds}s`);
    const web = specOf("webserver-hpa");
    expect(web).toMatchObject({ minReplicas: 1, maxReplicas: 10 });
    expect(web.metrics[0].resource).toEqual({ name: "cpu", target: { type: "Utilization", averageUtilization: 70 } });
    expect(web.behavior.scaleDown.stabilizationWindowSeconds).toBe(300);
    expect(policies(web.behavior.scaleDown)).toEqual(["50 Percent/60s"]);
    expect(web.behavior.scaleUp).toMatchObject({ stabilizationWindowSeconds: 0, selectPolicy: "Max" });
    expect(policies(web.behavior.scaleUp)).toEqual(["2 Pods/60s", "100 Percent/60s"]);
    const miner = specOf("miner-hpa");
    expect(miner).toMatchObject({ minReplicas: 1, maxReplicas: 5 });
    expect(miner.metrics[0].resource).toEqual({ name: "cpu", target: { type: "Utilization", averageUtilization: 80 } });
    expect(miner.behavior.scaleDown.stabilizationWindowSeconds).toBe(600);
    expect(policies(miner.behavior.scaleUp)).toEqual(["1 Pods/120s"]);
  });

  test("the autoscaler goes by 80 % of a web server's memory limit", () => {
    const { spec } = find<Fields>(overlay("production"), "HorizontalPodAutoscaler", "webserver-hpa") as Fields;
    expect(spec.metrics[1].resource.target).toEqual({
      type: "AverageValue",
      averageValue: `${Math.floor(0.8 * 1024)}Mi`,
    });
  });

  test("payments can be made while the network is too young for an estimate of fees", () => {
    for (const name of ["local", "production"]) {
      const [container] = find<Fields>(overlay(name), "StatefulSet", "wallet")?.spec.template.spec.containers ?? [];
      expect(container.args, name).toContainEqual(expect.stringMatching(/^-fallbackfee=0\.0*1$/));
    }
  });

  test("the public door: a balancer, a port of machines, or an ingress", () => {
    const typeOf = (name: string) =>
      find<Fields>((shipped.find((one) => one.name === name) as Shipped).objects, "Service", "webserver-service")
        ?.spec as Fields;
    expect(typeOf("base with backup")).toMatchObject({ type: "LoadBalancer", externalTrafficPolicy: "Local" });
    expect(typeOf("local")).toMatchObject({ type: "NodePort" });
    expect(typeOf("local").ports[0]).toMatchObject({ port: 8080, nodePort: 30080 });
    expect(typeOf("production").type).toBe("ClusterIP");
    for (const { objects } of shipped) {
      const open = ofKind<Fields>(objects, "Service").filter(({ spec }) => spec.type && spec.type !== "ClusterIP");
      expect(open.map(({ metadata }) => metadata.name).filter((name) => name !== "webserver-service")).toEqual([]);
    }
  });

  test("the storage class is of a CSI driver", () => {
    const { provisioner } = find<Fields>(overlay("production"), "StorageClass", "fast-ssd") as Fields;
    expect(provisioner).toMatch(/^[a-z0-9.-]*csi[a-z0-9.-]*$/);
    const miner = find<Fields>(overlay("production"), "StatefulSet", "miner") as Fields;
    expect(miner.spec.volumeClaimTemplates.map(({ spec }: Fields) => spec.storageClassName)).toEqual([
      "fast-ssd",
      "fast-ssd",
    ]);
    const claims = ofKind<Fields>(overlay("production"), "PersistentVolumeClaim");
    expect(claims.map(({ metadata, spec }) => [metadata.name, spec.storageClassName]).sort()).toEqual([
      ["chain-backup", "fast-ssd"],
      ["redis-data", "fast-ssd"],
      ["wallet-backups", "fast-ssd"],
    ]);
  });

  test("with gitops the numbers of pods are left to the autoscalers", () => {
    const { objects } = shipped.find(({ name }) => name === "base with gitops") as Shipped;
    for (const { object } of workloadsOf(objects).filter(({ labels }) =>
      ["miner", "webserver"].includes(labels.app ?? ""),
    )) {
      expect((object as unknown as Fields).spec.replicas).toBeUndefined();
    }
  });
});

test("the rule of the Prometheus operator has the alerts of deploy/prometheus, word for word", () => {
  const [rule] = readObjects("components/monitoring/prometheus-rule.yaml") as unknown as Fields[];
  const alerts = parse(readFileSync(join(KUBERNETES, "../prometheus/alerts.yaml"), "utf8"));
  expect(rule?.spec.groups, "run deploy/kubernetes/components/monitoring/copy-alerts.sh").toEqual(alerts.groups);
});

/** Fields that a test looks at by name. */
// biome-ignore lint/suspicious/noExplicitAny: what is looked at is what the test says
type Fields = Record<string, any>;

const CONTRACT: readonly string[] = [
  "Namespace blockchain",
  "ConfigMap blockchain-config",
  "ConfigMap rate-limit-settings",
  "StatefulSet miner",
  "StatefulSet wallet",
  "Deployment webserver",
  "Deployment redis",
  "Service miner-service",
  "Service miner-headless",
  "Service webserver-service",
  "Service wallet-service",
  "Service wallet-headless",
  "Service redis",
  "HorizontalPodAutoscaler webserver-hpa",
  "HorizontalPodAutoscaler miner-hpa",
];
