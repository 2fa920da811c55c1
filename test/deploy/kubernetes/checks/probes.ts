import { HEALTH_ALIASES, HEALTH_PATHS } from "@bitfleet/api/rest/health.ts";
import { containersOf, type KubeObject, workloadsOf } from "../objects.ts";
import { nodesOf, variablesOf } from "./environment.ts";

const HEALTH = Object.values(HEALTH_PATHS);
const PATHS = new Set([...HEALTH, ...HEALTH.map((path) => `/api${path}`), ...Object.values(HEALTH_ALIASES)]);
/** What a node needs to close behind its last answer, in seconds. */
const SECONDS_TO_CLOSE = 30;

/** Probes that are missing, or ask for what there is not, or at the wrong place. */
export function probeProblems(objects: readonly KubeObject[]): string[] {
  return [
    ...workloadsOf(objects)
      .filter(({ object }) => object.kind === "Deployment" || object.kind === "StatefulSet")
      .flatMap((workload) =>
        containersOf(workload).flatMap(({ readinessProbe, livenessProbe }) => [
          ...(readinessProbe === undefined ? [`${workload.name} has no readiness probe.`] : []),
          ...(livenessProbe === undefined ? [`${workload.name} has no liveness probe.`] : []),
        ]),
      ),
    ...nodesOf(objects).flatMap(({ workload, container }) => {
      const { startupProbe, readinessProbe, livenessProbe } = container;
      const asked = [startupProbe, readinessProbe, livenessProbe].map((probe) => probe?.httpGet);
      return [
        ...(startupProbe === undefined ? [`${workload.name} has no startup probe.`] : []),
        ...asked
          .filter((request) => request !== undefined && !PATHS.has(request.path ?? ""))
          .map((request) => `${workload.name}: the node has no route ${request?.path}.`),
        ...asked
          .filter((request) => request?.port !== "health")
          .map(() => `${workload.name}: a probe does not ask at the port health.`),
        ...(readinessProbe?.httpGet?.path?.includes("ready") ? [] : [`${workload.name}: readiness is not asked for.`]),
        // A node without peers, or behind, would be killed over and over.
        ...(livenessProbe?.httpGet?.path?.includes("live")
          ? []
          : [`${workload.name}: liveness asks for more than life.`]),
      ];
    }),
  ];
}

/** Where nodes listen, against the ports that their containers name. */
export function listeningProblems(objects: readonly KubeObject[], secrets: readonly KubeObject[]): string[] {
  return nodesOf(objects).flatMap(({ workload, container }) => {
    const variables = variablesOf(container, objects, secrets);
    const portOf = (name: string) => container.ports?.find((port) => port.name === name)?.containerPort;
    const api = variables.NODE_IS_WEB_SERVER === "yes" ? "8080" : variables.WALLET_API_BIND?.split(":").at(-1);
    const expected: Readonly<Record<string, string | undefined>> = {
      p2p: (variables.NODE_ADDR ?? ":2001").split(":").at(-1),
      health: variables.WEB_METRICS_BIND?.split(":").at(-1),
      ...(api !== undefined && { http: api }),
    };
    return [
      ...Object.entries(expected)
        .filter(([name, port]) => String(portOf(name)) !== port)
        .map(
          ([name, port]) =>
            `${workload.name} listens for ${name} at ${port}, and its port of that name is ${portOf(name)}.`,
        ),
      // Probes and balancers come to the pod's own address.
      ...["NODE_ADDR", "WEB_METRICS_BIND", "WALLET_API_BIND"]
        .filter((name) => variables[name] && !/^(0\.0\.0\.0|\[::\]):/.test(variables[name]))
        .map((name) => `${workload.name}: nobody outside of the pod reaches ${name}=${variables[name]}.`),
    ];
  });
}

/** Web servers that would be killed before they have drained. */
export function drainProblems(objects: readonly KubeObject[], secrets: readonly KubeObject[]): string[] {
  return nodesOf(objects).flatMap(({ workload, container }) => {
    const { NODE_IS_WEB_SERVER: isWebServer, WEB_DRAIN_SECONDS: drain } = variablesOf(container, objects, secrets);
    if (isWebServer !== "yes") return [];
    if (drain === undefined) return [`${workload.name} ends without a drain: requests of its last moment fail.`];
    const grace = workload.pod.terminationGracePeriodSeconds ?? 30;
    return Number(drain) + SECONDS_TO_CLOSE <= grace
      ? []
      : [`${workload.name} drains for ${drain} s and is killed after ${grace}: ${SECONDS_TO_CLOSE} more are needed.`];
  });
}
