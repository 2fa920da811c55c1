import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Cluster } from "./orchestrator/cluster.ts";
import { describeWithPods } from "./orchestrator/describe-with-pods.ts";
import { readManifests } from "./orchestrator/manifests.ts";
import { removeLeftovers } from "./orchestrator/namespaces.ts";
import { eventually } from "./orchestrator/shipped.ts";

/** What the tests of the shipped manifests rely on, with pods that are a few lines: that the orchestrator does as Kubernetes does. */

/** Answers with its name, and is ready as long as /tmp/away is not there, alive as long as /tmp/dead is not; with DEAF it does not hear SIGTERM. */
const SERVER = `
const { existsSync, rmSync } = require("node:fs");
rmSync("/tmp/dead", { force: true });
if (process.env.DEAF) process.on("SIGTERM", () => console.log("SIGTERM"));
require("node:http").createServer((request, response) => {
  response.statusCode = request.url === "/ready" && existsSync("/tmp/away") ? 503 : 200;
  response.end(process.env.HOSTNAME);
}).listen(8080);
`;

const container = (environment: string) => `
        - name: c
          image: blockchain-node:0.1.0
          command: ["node", "-e", ${JSON.stringify(SERVER)}]
          env: [{ name: DEAF, value: "${environment}" }]
          securityContext: { readOnlyRootFilesystem: true }
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 1 }
          livenessProbe: { exec: { command: ["sh", "-c", "! test -e /tmp/dead"] }, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 1 }
          volumeMounts: [{ name: tmp, mountPath: /tmp }, { name: data, mountPath: /data }]`;

const MANIFESTS = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: free, namespace: trial }
spec:
  replicas: 2
  selector: { matchLabels: { app: free } }
  template:
    metadata: { labels: { app: free } }
    spec:
      terminationGracePeriodSeconds: 1
      volumes: [{ name: tmp, emptyDir: {} }, { name: data, emptyDir: {} }]
      containers: ${container("")}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: named, namespace: trial }
spec:
  replicas: 1
  serviceName: named
  selector: { matchLabels: { app: named } }
  volumeClaimTemplates: [{ metadata: { name: data } }]
  template:
    metadata: { labels: { app: named } }
    spec:
      # Long enough for a look at what goes on in it.
      terminationGracePeriodSeconds: 5
      securityContext: { runAsUser: 1234, fsGroup: 5678 }
      volumes: [{ name: tmp, emptyDir: {} }]
      containers: ${container("yes")}
---
apiVersion: v1
kind: Service
metadata: { name: free, namespace: trial }
spec: { selector: { app: free }, ports: [{ port: 80, targetPort: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: named, namespace: trial }
spec: { clusterIP: None, selector: { app: named }, ports: [{ port: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: named, namespace: trial }
spec: { podSelector: { matchLabels: { app: named } }, policyTypes: [Ingress] }
`;

const FREE = "Deployment/free";

describeWithPods("the orchestrator", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start(readManifests(MANIFESTS), { speed: 10, endpointDelayMs: 0 });
    await cluster.settled();
  });
  afterAll(() => cluster?.close());

  const free = () => cluster.pods(FREE);
  const askService = async (agent?: ReturnType<typeof cluster.client.keepAlive>) => {
    const address = cluster.serviceAddress("free");
    const { body } = await cluster.client.http({
      address,
      port: 80,
      path: "/",
      timeoutMs: 30_000,
      ...(agent ? { agent } : {}),
    });
    return body;
  };
  const askMany = async () => new Set(await Promise.all(Array.from({ length: 30 }, () => askService())));

  test("a service leads new connections to all of its pods, and a kept one stays with its pod", async () => {
    expect([...(await askMany())].sort()).toEqual(
      free()
        .map(({ name }) => name)
        .sort(),
    );
    const agent = cluster.client.keepAlive();
    const names = new Set<string>();
    for (let count = 0; count < 20; count++) names.add(await askService(agent));
    agent.destroy();
    expect(names.size).toBe(1);
  });

  test("a pod that is not ready any more is left out, and comes back", async () => {
    const [away, other] = free();
    await away!.exec("touch", "/tmp/away");
    await eventually(async () => (away!.isReady ? undefined : true));
    // The service follows its pods.
    await eventually(async () => ((await askMany()).size === 1 ? true : undefined));
    expect([...(await askMany())]).toEqual([other!.name]);
    await away!.exec("rm", "/tmp/away");
    await eventually(async () => (away!.isReady ? true : undefined));
    await eventually(async () => ((await askMany()).size === 2 ? true : undefined));
  });

  test("a container whose liveness probe fails is started again, in the same pod", async () => {
    const [pod] = free();
    await pod!.exec("touch", "/tmp/dead");
    await eventually(async () => (pod!.containers[0]!.starts > 1 ? true : undefined));
    expect(cluster.events.some((event) => event.pod === pod!.name && event.what.startsWith("killed: liveness"))).toBe(
      true,
    );
    await cluster.settled([FREE]);
    expect(free()).toContain(pod);
  });

  test("a process is its user with its group, cannot write outside of its volumes, and has no rights to regain", async () => {
    const pod = cluster.pod("named-0");
    expect(await pod.exec("id", "-u")).toMatchObject({ output: "1234" });
    const { output } = await pod.exec("sh", "-c", "grep -E '^(Groups|CapEff|CapBnd|NoNewPrivs)' /proc/1/status");
    expect(output.split(/\s+/)).toEqual([
      "Groups:",
      "1234",
      "5678",
      "CapEff:",
      "0000000000000000",
      "CapBnd:",
      "0000000000000000",
      "NoNewPrivs:",
      "1",
    ]);
    for (const path of ["/file", "/usr/file", "/opt/file"]) expect((await pod.exec("touch", path)).code).not.toBe(0);
  });

  test("names lead to pods and back, and policies keep out who is not let in", async () => {
    const resolve =
      "require('node:dns').lookup('named-0.named', (_, a) => require('node:dns').reverse(a, (_, n) => console.log(a, n[0])))";
    const { output } = await free()[0]!.exec("node", "-e", resolve);
    expect(output).toBe(`${cluster.pod("named-0").address} named-0.named.trial.svc.cluster.local`);
    expect(cluster.refusals()).toEqual([]);
    await expect(cluster.client.connect(cluster.pod("named-0").address, 8080, 300)).rejects.toThrow();
    expect(cluster.refusals()).toEqual(["203.0.113.10 → named-0:8080"]);
  });

  test("a pod that does not hear SIGTERM is killed after its grace period, and its claim outlives it", async () => {
    const pod = cluster.pod("named-0");
    expect(await pod.exec("sh", "-c", "echo kept > /data/file")).toMatchObject({ code: 0 });
    const id = pod.processId!;
    const gone = cluster.deletePod("named-0");
    await eventually(async () => (pod.isTerminating && pod.log.includes("SIGTERM") ? true : undefined));
    expect(existsSync(`/proc/${id}`)).toBe(true);
    await gone;
    expect(existsSync(`/proc/${id}`)).toBe(false);
    await cluster.settled();
    expect(cluster.pod("named-0")).not.toBe(pod);
    expect(await cluster.pod("named-0").exec("cat", "/data/file")).toMatchObject({ output: "kept" });
  });

  test("a run that is killed leaves no process, and the next one removes the rest", async () => {
    const script = `
      import { Cluster } from "${import.meta.dirname}/orchestrator/cluster.ts";
      import { readManifests } from "${import.meta.dirname}/orchestrator/manifests.ts";
      const cluster = await Cluster.start(readManifests(${JSON.stringify(MANIFESTS)}), { speed: 10, endpointDelayMs: 0 });
      await cluster.settled();
      console.log(cluster.pods().map((pod) => pod.processId).join(" "));`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (
      await new Promise<string>((resolve) => child.stdout.once("data", (text) => resolve(String(text))))
    ).split("\n");
    const ids = line!.split(" ");
    expect(ids.length).toBe(3);
    const remains = () => [
      ...readdirSync("/run/netns").filter((name) => name.startsWith(`bfo${child.pid}n`)),
      ...readdirSync(tmpdir()).filter((name) => name.startsWith(`bitfleet-pods-${child.pid}-`)),
    ];
    child.kill("SIGKILL");
    await eventually(async () => (ids.some((id) => existsSync(`/proc/${id}`)) ? undefined : true));
    expect(remains().length).toBeGreaterThan(3);
    removeLeftovers();
    expect(remains()).toEqual([]);
  });
});
