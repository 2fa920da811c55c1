import { expect, test } from "vitest";
import { startProblems, unreadVariableProblems } from "./kubernetes/checks/environment.ts";
import { drainProblems, listeningProblems, probeProblems } from "./kubernetes/checks/probes.ts";
import { imageProblems, securityProblems } from "./kubernetes/checks/security.ts";
import { serverProblems } from "./kubernetes/checks/server-rules.ts";
import { exampleSecrets, realSecrets, renderAll, SKIPPED } from "./kubernetes/shipped.ts";
import { containerOf, describeSubjects, type Fields, type Subject } from "./kubernetes/subjects.ts";

/** What no type says of pods: that what runs in them fits what is around them. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  probes: {
    check: probeProblems,
    slips: [
      [
        "a path is no route of the node",
        (get) => (containerOf(get("Deployment", "webserver")).readinessProbe.httpGet.path = "/api/health/readyness"),
        /no route \/api\/health\/readyness/,
      ],
      [
        "liveness asks for readiness",
        (get) => (containerOf(get("StatefulSet", "miner")).livenessProbe.httpGet.path = "/health/ready"),
        /liveness asks for more than life/,
      ],
      [
        "one is missing",
        (get) => delete containerOf(get("Deployment", "redis")).readinessProbe,
        /redis has no readiness probe/,
      ],
      [
        "nobody waits for the start",
        (get) => delete containerOf(get("StatefulSet", "wallet")).startupProbe,
        /wallet has no startup probe/,
      ],
      [
        "it asks at the public port",
        (get) => (containerOf(get("Deployment", "webserver")).readinessProbe.httpGet.port = "http"),
        /does not ask at the port health/,
      ],
    ],
  },
  "where nodes listen": {
    check: (objects) => listeningProblems(objects, realSecrets()),
    slips: [
      [
        "health is elsewhere",
        (get) =>
          (containerOf(get("StatefulSet", "miner")).env.find(({ name }: Fields) => name === "WEB_METRICS_BIND").value =
            "0.0.0.0:9333"),
        /listens for health at 9333, and its port of that name is 9332/,
      ],
      [
        "health is for the pod alone",
        (get) =>
          (containerOf(get("StatefulSet", "miner")).env.find(({ name }: Fields) => name === "WEB_METRICS_BIND").value =
            "127.0.0.1:9332"),
        /nobody outside of the pod reaches WEB_METRICS_BIND=127.0.0.1:9332/,
      ],
      [
        "the wallet's API is elsewhere",
        (get) => (containerOf(get("StatefulSet", "wallet")).ports[1].containerPort = 8081),
        /listens for http at 8080, and its port of that name is 8081/,
      ],
    ],
  },
  "drain before the end": {
    check: (objects) => drainProblems(objects, realSecrets()),
    slips: [
      [
        "the drain is as long as the grace",
        (get) => (get("ConfigMap", "blockchain-config").data.WEBSERVER_WEB_DRAIN_SECONDS = "60"),
        /drains for 60 s and is killed after 60/,
      ],
      [
        "the grace is the usual one",
        (get) => delete get("Deployment", "webserver").spec.template.spec.terminationGracePeriodSeconds,
        /killed after 30/,
      ],
      [
        "there is no drain",
        (get) => {
          const container = containerOf(get("Deployment", "webserver"));
          container.env = container.env.filter(({ name }: Fields) => name !== "WEB_DRAIN_SECONDS");
        },
        /ends without a drain/,
      ],
    ],
  },
  images: {
    check: imageProblems,
    slips: [
      [
        "no tag",
        (get) => (containerOf(get("Deployment", "webserver")).image = "blockchain-node"),
        /blockchain-node is not one version/,
      ],
      [
        "latest",
        (get) => (containerOf(get("StatefulSet", "miner")).image = "blockchain-node:latest"),
        /latest is not one version/,
      ],
      [
        "a version of which parts are open",
        (get) => (containerOf(get("Deployment", "redis")).image = "redis:7-alpine"),
        /redis:7-alpine is not one version/,
      ],
      [
        "a registry's port and no tag",
        (get) => (containerOf(get("Deployment", "redis")).image = "localhost:5000/redis"),
        /not one version/,
      ],
    ],
  },
  "the standard restricted": {
    check: securityProblems,
    slips: [
      [
        "root",
        (get) => (get("Deployment", "redis").spec.template.spec.securityContext.runAsNonRoot = false),
        /redis may run as root/,
      ],
      [
        "capabilities",
        (get) => (containerOf(get("StatefulSet", "miner")).securityContext.capabilities.drop = []),
        /miner keeps capabilities/,
      ],
      [
        "more rights",
        (get) => delete containerOf(get("StatefulSet", "miner")).securityContext.allowPrivilegeEscalation,
        /may gain rights/,
      ],
      [
        "a writable image",
        (get) => (containerOf(get("Deployment", "webserver")).securityContext.readOnlyRootFilesystem = false),
        /may write to its image/,
      ],
      [
        "no seccomp",
        (get) => delete get("StatefulSet", "wallet").spec.template.spec.securityContext.seccompProfile,
        /no seccomp profile/,
      ],
      [
        "the machine's network",
        (get) => (get("StatefulSet", "miner").spec.template.spec.hostNetwork = true),
        /namespaces of the machine/,
      ],
      [
        "a port of the machine",
        (get) => (containerOf(get("StatefulSet", "miner")).ports[0].hostPort = 2001),
        /port of the machine/,
      ],
      [
        "a token",
        (get) =>
          (get("CronJob", "backup-wallet").spec.jobTemplate.spec.template.spec.automountServiceAccountToken = true),
        /backup-wallet gets a token/,
      ],
      [
        "an account that gives its token",
        (get) => delete get("ServiceAccount", "miner").automountServiceAccountToken,
        /miner gives its token/,
      ],
      [
        "a namespace without it",
        (get) => delete get("Namespace", "blockchain").metadata.labels["pod-security.kubernetes.io/enforce"],
        /does not enforce/,
      ],
      [
        "a Secret that would replace the real one",
        (_get, objects) => objects.push(...exampleSecrets()),
        /take the place of a real one/,
      ],
    ],
  },
  "names of variables": {
    check: (objects) => unreadVariableProblems(objects, realSecrets()),
    slips: [
      [
        "a name with a slip",
        (get) =>
          (containerOf(get("StatefulSet", "miner")).env.find(
            ({ name }: Fields) => name === "NODE_MINING_ADDRESS",
          ).name = "NODE_MINER_ADDRESS"),
        /StatefulSet miner: nothing reads NODE_MINER_ADDRESS/,
      ],
      [
        "a variable of web servers at a miner",
        (get) => containerOf(get("StatefulSet", "miner")).env.push({ name: "WEB_CORS", value: "*" }),
        /miner: nothing reads WEB_CORS/,
      ],
      [
        "a variable that no script knows",
        (get) =>
          get("CronJob", "backup-wallet").spec.jobTemplate.spec.template.spec.containers[0].env.push({
            name: "BACKUP_KEEP_DAYS",
            value: "3",
          }),
        /nothing reads BACKUP_KEEP_DAYS/,
      ],
    ],
  },
  "values that the node takes": {
    check: (objects) => startProblems(objects, realSecrets()),
    slips: [
      [
        "a role that is neither yes nor no",
        (get) => (get("ConfigMap", "blockchain-config").data.MINER_NODE_IS_MINER = "of course"),
        /NODE_IS_MINER: yes or no is expected/,
      ],
      [
        "nodes to connect to that are none",
        (get) => (get("ConfigMap", "blockchain-config").data.WEBSERVER_NODE_CONNECT_NODES = "miner service"),
        /NODE_CONNECT_NODES/,
      ],
      [
        "a mempool that the memory has no room for",
        (get) => (containerOf(get("Deployment", "webserver")).args = ["bitcoind", "-dnsseed=0"]),
        /webserver: 1029 MB may be needed, and V8 has 537/,
      ],
    ],
  },
  "what the API server refuses besides": {
    check: serverProblems,
    slips: [
      [
        "a name with capitals",
        (get) => (get("Service", "redis").metadata.name = "Redis"),
        /Service Redis: that is no name/,
      ],
      [
        "a label's value with a space",
        (get) => (get("Deployment", "redis").metadata.labels.app = "my redis"),
        /app=my redis is no label/,
      ],
      [
        "a traffic policy within the cluster",
        (get) => (get("Service", "webserver-service").spec.externalTrafficPolicy = "Local"),
        /externalTrafficPolicy is for/,
      ],
      [
        "a headless balancer",
        (get) => (get("Service", "miner-headless").spec.type = "LoadBalancer"),
        /cannot be headless and open/,
      ],
      [
        "a port of machines within the cluster",
        (get) => (get("Service", "redis").spec.ports[0].nodePort = 30_001),
        /has a port of machines and is not open/,
      ],
      [
        "a key that is no file name",
        (get) => (get("ConfigMap", "redis-config").data["redis/conf"] = ""),
        /redis\/conf is no key/,
      ],
      [
        "a ConfigMap beyond a megabyte",
        (get) => (get("ConfigMap", "redis-config").data.more = "x".repeat(1_100_000)),
        /may have 1048576/,
      ],
      [
        "a job that restarts for ever",
        (get) => delete get("CronJob", "backup-wallet").spec.jobTemplate.spec.template.spec.restartPolicy,
        /cannot have the restartPolicy Always/,
      ],
      [
        "a volume of two kinds",
        (get) => (get("Deployment", "webserver").spec.template.spec.volumes[0].configMap = { name: "redis-config" }),
        /must be of one kind/,
      ],
      [
        "a variable with two values",
        (get) => (containerOf(get("StatefulSet", "miner")).env[0].value = "miner-0"),
        /is no variable, or has two values/,
      ],
      [
        "a place that is relative",
        (get) => (containerOf(get("StatefulSet", "miner")).volumeMounts[0].mountPath = "app/data"),
        /app\/data is no place/,
      ],
      [
        "a request above its limit",
        (get) => (containerOf(get("StatefulSet", "miner")).resources.requests.memory = "3Gi"),
        /requests 3Gi of memory, and may have 2Gi/,
      ],
      [
        "liveness that must succeed twice",
        (get) => (containerOf(get("StatefulSet", "miner")).livenessProbe.successThreshold = 2),
        /one success is enough/,
      ],
      [
        "a probe that asks in two ways",
        (get) => (containerOf(get("StatefulSet", "miner")).livenessProbe.tcpSocket = { port: 2001 }),
        /must ask in one way/,
      ],
      [
        "an update that may neither add nor take",
        (get) => (get("Deployment", "webserver").spec.strategy.rollingUpdate.maxSurge = 0),
        /could replace nothing/,
      ],
      [
        "rules of a strategy that is not used",
        (get) => (get("Deployment", "redis").spec.strategy.rollingUpdate = {}),
        /rules of another strategy/,
      ],
      [
        "a schedule of six fields",
        (get) => (get("CronJob", "backup-chain").spec.schedule = "0 47 2 * * *"),
        /is no schedule/,
      ],
      [
        "a time zone that there is not",
        (get) => (get("CronJob", "backup-chain").spec.timeZone = "Mars"),
        /Mars is no time zone/,
      ],
      [
        "a policy of an hour",
        (get) => (get("HorizontalPodAutoscaler", "miner-hpa").spec.behavior.scaleUp.policies[0].periodSeconds = 3600),
        /the policy Pods is none/,
      ],
      [
        "a default that is more than may be",
        (get) => (get("LimitRange", "blockchain-limits").spec.limits[0].default.cpu = "3"),
        /blockchain-limits: of cpu, Container has a default above its limit/,
      ],
      [
        "a budget with both limits",
        (get) => (get("PodDisruptionBudget", "miner-pdb").spec.minAvailable = 1),
        /one of maxUnavailable and minAvailable/,
      ],
    ],
  },
};

describeSubjects(SUBJECTS);

test.skipIf(SKIPPED)("no node starts with the Secret of the example, and each names what is wrong", async () => {
  for (const { name, objects } of await renderAll()) {
    const problems = await startProblems(objects, exampleSecrets());
    expect(problems, name).toEqual([
      expect.stringMatching(/^Deployment webserver: .*BITCOIN_API_ADMIN_KEY\) is a placeholder of an example/),
      expect.stringMatching(/^StatefulSet miner: Invalid address 'your-wallet-address-here' for NODE_MINING_ADDRESS/),
      expect.stringMatching(/^StatefulSet wallet: .*BITCOIN_API_.*_KEY\) is a placeholder of an example/),
    ]);
  }
});
