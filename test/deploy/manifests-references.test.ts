import { expect } from "vitest";
import { capacityProblems } from "./kubernetes/checks/capacity.ts";
import { monitoringProblems } from "./kubernetes/checks/monitoring.ts";
import { portProblems } from "./kubernetes/checks/ports.ts";
import { referenceProblems } from "./kubernetes/checks/references.ts";
import { autoscalerProblems, disruptionProblems } from "./kubernetes/checks/scaling.ts";
import { headlessProblems, selectorProblems } from "./kubernetes/checks/selectors.ts";
import { volumeProblems } from "./kubernetes/checks/volumes.ts";
import { exampleSecrets } from "./kubernetes/shipped.ts";
import { containerOf, describeSubjects, type Fields, remove, type Subject } from "./kubernetes/subjects.ts";

/** What no type says of objects: that they fit together. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  "selectors and labels": {
    check: selectorProblems,
    slips: [
      [
        "pods have another label than their Deployment selects",
        (get) => (get("Deployment", "webserver").spec.template.metadata.labels.app = "web"),
        /Deployment webserver does not select its own pods/,
      ],
      [
        "a Service selects nothing",
        (get) => (get("Service", "miner-service").spec.selector.app = "miners"),
        /Service miner-service selects no pod/,
      ],
      [
        "a budget is of nobody",
        (get) => (get("PodDisruptionBudget", "redis-pdb").spec.selector.matchLabels.app = "cache"),
        /redis-pdb must be of one workload, and is of 0/,
      ],
      [
        "pods are spread by the label of others",
        (get) =>
          (get("StatefulSet", "miner").spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels.app =
            "webserver"),
        /miner spreads other pods/,
      ],
      [
        "a job wants to be near nobody",
        (get) =>
          (get(
            "CronJob",
            "backup-wallet",
          ).spec.jobTemplate.spec.template.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchLabels.app =
            "treasury"),
        /near pods that there are none of/,
      ],
    ],
  },
  "sets and their headless Services": {
    check: headlessProblems,
    slips: [
      [
        "the Service is missing",
        (_get, objects) => remove(objects, "Service", "miner-headless"),
        /no Service miner-headless/,
      ],
      [
        "the Service has an address",
        (get) => delete get("Service", "miner-headless").spec.clusterIP,
        /is not headless/,
      ],
      [
        "the Service has no names of pods that are not ready",
        (get) => delete get("Service", "miner-headless").spec.publishNotReadyAddresses,
        /pods that are not ready have no name/,
      ],
      [
        "the Service is of others",
        (get) => (get("StatefulSet", "wallet").spec.serviceName = "miner-headless"),
        /StatefulSet wallet: Service miner-headless selects other pods/,
      ],
    ],
  },
  ports: {
    check: portProblems,
    slips: [
      [
        "a Service's target is no port of the container",
        (get) => (get("Service", "wallet-service").spec.ports[0].targetPort = "api"),
        /StatefulSet wallet has no port api/,
      ],
      [
        "a container's port changes its number alone",
        (get) => {
          containerOf(get("StatefulSet", "miner")).ports[0].containerPort = 2002;
          get("Service", "miner-service").spec.ports[0].targetPort = 2001;
        },
        /StatefulSet miner has no port 2001/,
      ],
      [
        "a port has no name",
        (get) => delete get("Service", "redis").spec.ports[0].name,
        /Service redis: undefined is no name/,
      ],
      [
        "a name is too long",
        (get) => (containerOf(get("Deployment", "webserver")).ports[0].name = "hypertext-transfer"),
        /hypertext-transfer is no name of a port/,
      ],
      [
        "two ports have one name",
        (get) => (containerOf(get("Deployment", "webserver")).ports[1].name = "http"),
        /two ports with the name http/,
      ],
      [
        "a port is there twice",
        (get) => (containerOf(get("Deployment", "webserver")).ports[1].containerPort = 8080),
        /has port 8080 twice/,
      ],
      ["a port is none", (get) => (get("Service", "redis").spec.ports[0].port = 70_000), /70000 is no port/],
      [
        "a port needs rights that the user has not",
        (get) => (containerOf(get("Deployment", "webserver")).ports[0].containerPort = 80),
        /80 is no port that a user without rights/,
      ],
      [
        "a port of machines is out of their range",
        (get) => (get("Service", "webserver-service").spec.ports[0].nodePort = 8080),
        /8080 is no port of machines/,
      ],
      [
        "a probe asks at a port that there is not",
        (get) => (containerOf(get("StatefulSet", "miner")).livenessProbe.httpGet.port = "probe"),
        /a probe asks at port probe/,
      ],
      [
        "an ingress leads to a Service that there is not",
        (get) => (get("Ingress", "webserver").spec.rules[0].http.paths[0].backend.service.name = "webserver"),
        /no Service webserver with port http/,
      ],
      [
        "an ingress is of no controller",
        (get) => delete get("Ingress", "webserver").spec.ingressClassName,
        /webserver has no class/,
      ],
      [
        "an ingress has a host without TLS",
        (get) => (get("Ingress", "webserver").spec.rules[0].host = "other.example.com"),
        /other.example.com has no TLS/,
      ],
    ],
  },
  "keys of ConfigMaps and Secrets, claims and accounts": {
    check: (objects) => referenceProblems(objects, exampleSecrets()),
    slips: [
      [
        "a key of a ConfigMap has another name",
        (get) => {
          const { data } = get("ConfigMap", "blockchain-config");
          data.MINER_IS_MINER = data.MINER_NODE_IS_MINER;
          delete data.MINER_NODE_IS_MINER;
        },
        /NODE_IS_MINER is to come from ConfigMap blockchain-config, which has no MINER_NODE_IS_MINER/,
      ],
      [
        "a key of the Secret has another name",
        (get) =>
          (containerOf(get("StatefulSet", "miner")).env.find(
            ({ name }: Fields) => name === "NODE_MINING_ADDRESS",
          ).valueFrom.secretKeyRef.key = "MINING_ADDRESS"),
        /blockchain-secrets, which has no MINING_ADDRESS/,
      ],
      [
        "the Secret has another name",
        (get) =>
          (get("StatefulSet", "wallet").spec.template.spec.volumes.find(
            ({ secret }: Fields) => secret,
          ).secret.secretName = "treasury"),
        /volume treasury is to be Secret treasury, which there is not/,
      ],
      [
        "a file of the Secret is of a key that there is not",
        (get) =>
          (get("StatefulSet", "wallet").spec.template.spec.volumes.find(
            ({ secret }: Fields) => secret,
          ).secret.items[0].key = "PHRASE"),
        /PHRASE of Secret blockchain-secrets/,
      ],
      [
        "a ConfigMap is missing",
        (_get, objects) => remove(objects, "ConfigMap", "rate-limit-settings"),
        /ConfigMap rate-limit-settings, which there is not/,
      ],
      [
        "a claim is missing",
        (_get, objects) => remove(objects, "PersistentVolumeClaim", "redis-data"),
        /PersistentVolumeClaim redis-data, which there is not/,
      ],
      [
        "a claim of a set has another name",
        (get) => (get("StatefulSet", "wallet").spec.volumeClaimTemplates[1].metadata.name = "wallet-keys"),
        /CronJob restore-wallet: volume wallet-wallets is to be PersistentVolumeClaim wallet-wallets-wallet-0/,
      ],
      [
        "an account is missing",
        (_get, objects) => remove(objects, "ServiceAccount", "wallet"),
        /no ServiceAccount wallet/,
      ],
      [
        "a variable comes twice",
        (get) => containerOf(get("Deployment", "webserver")).env.push({ name: "POD_IP", value: "10.0.0.1" }),
        /has POD_IP twice/,
      ],
    ],
  },
  volumes: {
    check: volumeProblems,
    slips: [
      [
        "a mount has no volume",
        (get) => (containerOf(get("StatefulSet", "miner")).volumeMounts[0].name = "data"),
        /\/app\/data is to be volume data, which there is not/,
      ],
      [
        "a claim is mounted nowhere",
        (get) => containerOf(get("StatefulSet", "miner")).volumeMounts.splice(1, 1),
        /volume miner-wallets is mounted nowhere/,
      ],
      [
        "two volumes are at one place",
        (get) => (containerOf(get("StatefulSet", "miner")).volumeMounts[1].mountPath = "/app/data"),
        /two volumes are at \/app\/data/,
      ],
      [
        "a volume may fill the disk",
        (get) =>
          (get("Deployment", "webserver").spec.template.spec.volumes.find(
            ({ name }: Fields) => name === "data",
          ).emptyDir = {}),
        /volume data may fill/,
      ],
      [
        "a pod may keep less than its volumes",
        (get) => (containerOf(get("Deployment", "webserver")).resources.limits["ephemeral-storage"] = "2Gi"),
        /webserver is ended before its volumes are full/,
      ],
      [
        "a volume is a folder of the machine",
        (get) =>
          (get("Deployment", "webserver").spec.template.spec.volumes[0] = {
            name: "data",
            hostPath: { path: "/var/lib/bitfleet" },
          }),
        /volume data is a folder of the machine/,
      ],
    ],
  },
  autoscalers: {
    check: autoscalerProblems,
    slips: [
      [
        "the target is of another kind",
        (get) => (get("HorizontalPodAutoscaler", "webserver-hpa").spec.scaleTargetRef.kind = "StatefulSet"),
        /no StatefulSet webserver/,
      ],
      [
        "the target requests nothing",
        (get) => delete containerOf(get("StatefulSet", "miner")).resources.requests.cpu,
        /requests no cpu/,
      ],
      [
        "the least is more than the most",
        (get) => (get("HorizontalPodAutoscaler", "miner-hpa").spec.minReplicas = 6),
        /at least 6 and at most 5/,
      ],
      [
        "pods can never use as much as is aimed at",
        (get) => (containerOf(get("Deployment", "webserver")).resources.limits.memory = "512Mi"),
        /never get to 819Mi of memory/,
      ],
      [
        "two are of one target",
        (get) =>
          (get("HorizontalPodAutoscaler", "miner-hpa").spec.scaleTargetRef = get(
            "HorizontalPodAutoscaler",
            "webserver-hpa",
          ).spec.scaleTargetRef),
        /has 2 autoscalers/,
      ],
    ],
  },
  "budgets of disruption": {
    check: disruptionProblems,
    slips: [
      [
        "none may go",
        (get) => (get("PodDisruptionBudget", "miner-pdb").spec.maxUnavailable = 0),
        /miner-pdb blocks a drain/,
      ],
      [
        "the only one must stay",
        (get) =>
          (get("PodDisruptionBudget", "wallet-pdb").spec = {
            ...get("PodDisruptionBudget", "wallet-pdb").spec,
            minAvailable: 1,
            maxUnavailable: undefined,
          }),
        /wallet-pdb blocks a drain where StatefulSet wallet has 1/,
      ],
      [
        "all of the fewest must stay",
        (get) =>
          (get("PodDisruptionBudget", "webserver-pdb").spec = {
            ...get("PodDisruptionBudget", "webserver-pdb").spec,
            minAvailable: "100%",
            maxUnavailable: undefined,
          }),
        /webserver-pdb blocks a drain/,
      ],
      [
        "pods that do not work are held",
        (get) => delete get("PodDisruptionBudget", "redis-pdb").spec.unhealthyPodEvictionPolicy,
        /redis-pdb holds pods that do not work/,
      ],
    ],
  },
  "room in the quota": {
    check: capacityProblems,
    slips: [
      [
        "more web servers",
        (get) => (get("HorizontalPodAutoscaler", "webserver-hpa").spec.maxReplicas = 20),
        /limits.cpu, and/,
      ],
      [
        "an update that doubles them",
        (get) => (get("Deployment", "webserver").spec.strategy.rollingUpdate.maxSurge = "100%"),
        /of pods, and 41 may be needed/,
      ],
      [
        "larger claims",
        (get) => (get("StatefulSet", "miner").spec.volumeClaimTemplates[0].spec.resources.requests.storage = "150Gi"),
        /requests.storage/,
      ],
      [
        "a claim beyond the limit",
        (get) => (get("StatefulSet", "wallet").spec.volumeClaimTemplates[0].spec.resources.requests.storage = "201Gi"),
        /one may have 200Gi/,
      ],
      [
        "a container beyond the limit",
        (get) => (containerOf(get("StatefulSet", "miner")).resources.limits.cpu = "4"),
        /has 4 of cpu, and one may have 2/,
      ],
      [
        "another balancer",
        (get, objects) => {
          get("Service", "webserver-service").spec.type = "LoadBalancer";
          get("Service", "miner-service").spec.type = "LoadBalancer";
          expect(objects.length).toBeGreaterThan(0);
        },
        /1 of services.loadbalancers, and 2/,
      ],
    ],
  },
  "monitors, and the names of their jobs": {
    check: monitoringProblems,
    slips: [
      [
        "the Service has another label",
        (get) => (get("Service", "node-metrics").metadata.labels.app = "metrics"),
        /watches no Service/,
      ],
      [
        "the path is no route of the node",
        (get) => (get("ServiceMonitor", "bitfleet").spec.endpoints[0].path = "/metric"),
        /bitfleet: the node has no route \/metric\./,
      ],
      [
        "the port has another name",
        (get) => (get("Service", "node-metrics").spec.ports[0].name = "metrics"),
        /node-metrics has no port health/,
      ],
      [
        "the job has no name",
        (get) => delete get("Service", "node-metrics").metadata.labels["app.kubernetes.io/part-of"],
        /has no label app.kubernetes.io\/part-of/,
      ],
      [
        "the job has a name that alerts do not ask for",
        (get) => (get("ServiceMonitor", "bitfleet").spec.jobLabel = "app"),
        /jobs like .*bitfleet.*, and this one is node-metrics/,
      ],
    ],
  },
};

describeSubjects(SUBJECTS);
