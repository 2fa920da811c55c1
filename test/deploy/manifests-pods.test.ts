import { expect, test } from "vitest";
import { startProblems, unreadVariableProblems } from "./kubernetes/checks/environment.ts";
import { drainProblems, listeningProblems, probeProblems } from "./kubernetes/checks/probes.ts";
import { imageProblems, securityProblems } from "./kubernetes/checks/security.ts";
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
