import type { IDeployment } from "kubernetes-models/apps/v1";
import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import type { ICronJob } from "kubernetes-models/batch/v1";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import type { IConfigMap, ILimitRange, IService } from "kubernetes-models/v1";
import { containersOf, type KubeObject, type Labels, nameOf, ofKind, quantity, workloadsOf } from "../objects.ts";

const DNS_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
/** Names that become names of hosts: of Services, namespaces and pods of sets. */
const DNS_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_NAME = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;
const CONFIG_KEY = /^[\w.-]{1,253}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const CRON_FIELD = /^(\*|\d+(-\d+)?)(\/\d+)?(,(\*|\d+(-\d+)?)(\/\d+)?)*$/;
const CONFIG_BYTES_MAX = 1024 * 1024;
const POLICY_SECONDS_MAX = 1800;
const WINDOW_SECONDS_MAX = 3600;

/** What the API server refuses although every field has its type. Its own words are in the reference of the API. */
export function serverProblems(objects: readonly KubeObject[]): string[] {
  return [
    ...objects.flatMap(nameProblems),
    ...ofKind<IService>(objects, "Service").flatMap(serviceProblems),
    ...ofKind<IConfigMap>(objects, "ConfigMap").flatMap(configProblems),
    ...workloadsOf(objects).flatMap(podProblems),
    ...ofKind<IDeployment>(objects, "Deployment").flatMap(strategyProblems),
    ...ofKind<ICronJob>(objects, "CronJob").flatMap(cronProblems),
    ...ofKind<IHorizontalPodAutoscaler>(objects, "HorizontalPodAutoscaler").flatMap(behaviorProblems),
    ...ofKind<ILimitRange>(objects, "LimitRange").flatMap(limitProblems),
    ...ofKind<IPodDisruptionBudget>(objects, "PodDisruptionBudget")
      .filter(({ spec }) => (spec?.maxUnavailable === undefined) === (spec?.minAvailable === undefined))
      .map((budget) => `${nameOf(budget)} must have one of maxUnavailable and minAvailable.`),
  ];
}

function nameProblems(object: KubeObject): string[] {
  const { name, labels = {}, annotations = {} } = object.metadata;
  const isHost = ["Service", "Namespace", "StatefulSet"].includes(object.kind);
  return [
    ...((isHost ? DNS_LABEL : DNS_NAME).test(name) ? [] : [`${nameOf(object)}: that is no name.`]),
    ...labelProblems(nameOf(object), labels),
    ...Object.keys(annotations)
      .filter((key) => !LABEL_NAME.test(key))
      .map((key) => `${nameOf(object)}: ${key} is no name of an annotation.`),
  ];
}

function labelProblems(owner: string, labels: Labels): string[] {
  return Object.entries(labels)
    .filter(([key, value]) => !LABEL_NAME.test(key) || !LABEL_VALUE.test(value))
    .map(([key, value]) => `${owner}: ${key}=${value} is no label.`);
}

function serviceProblems(service: KubeObject & IService): string[] {
  const { type = "ClusterIP", externalTrafficPolicy, clusterIP, ports = [] } = service.spec ?? {};
  const isOutside = type !== "ClusterIP";
  return [
    ...(externalTrafficPolicy !== undefined && !isOutside
      ? [`${nameOf(service)}: externalTrafficPolicy is for what is reached from outside.`]
      : []),
    ...(clusterIP === "None" && isOutside ? [`${nameOf(service)} cannot be headless and open.`] : []),
    ...(ports.some(({ nodePort }) => nodePort !== undefined) && !isOutside
      ? [`${nameOf(service)} has a port of machines and is not open.`]
      : []),
  ];
}

/** What a container gets that asks for nothing must be in the order of request, limit and most. */
function limitProblems(range: KubeObject & ILimitRange): string[] {
  return (range.spec?.limits ?? []).flatMap(({ type, defaultRequest = {}, default: limits = {}, max = {} }) => {
    const names = new Set([defaultRequest, limits, max].flatMap(Object.keys));
    return [...names]
      .filter((name) => {
        const order = [defaultRequest[name], limits[name], max[name]].flatMap((one) => one ?? []).map(quantity);
        return order.some((one, index) => one < (order[index - 1] ?? 0));
      })
      .map((name) => `${nameOf(range)}: of ${name}, ${type} has a default above its limit.`);
  });
}

function configProblems(config: KubeObject & IConfigMap): string[] {
  const entries = Object.entries(config.data ?? {});
  const size = entries.reduce((sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text), 0);
  return [
    ...entries.filter(([key]) => !CONFIG_KEY.test(key)).map(([key]) => `${nameOf(config)}: ${key} is no key.`),
    ...(size <= CONFIG_BYTES_MAX ? [] : [`${nameOf(config)} has ${size} bytes, and may have ${CONFIG_BYTES_MAX}.`]),
  ];
}

function podProblems(workload: ReturnType<typeof workloadsOf>[number]): string[] {
  const { name, pod, labels, object } = workload;
  const isJob = object.kind === "Job" || object.kind === "CronJob";
  const policy = pod.restartPolicy ?? "Always";
  return [
    ...labelProblems(name, labels),
    ...((policy === "Always") === isJob ? [`${name} cannot have the restartPolicy ${policy}.`] : []),
    ...(pod.volumes ?? [])
      .filter((volume) => Object.keys(volume).filter((key) => key !== "name").length !== 1)
      .map((volume) => `${name}: volume ${volume.name} must be of one kind.`),
    ...containersOf(workload).flatMap((container) => [
      ...(container.env ?? [])
        .filter(
          ({ name: variable, value, valueFrom }) =>
            !VARIABLE.test(variable) || (value !== undefined && valueFrom !== undefined),
        )
        .map((one) => `${name}: ${one.name} is no variable, or has two values.`),
      ...(container.volumeMounts ?? [])
        .filter(({ mountPath }) => !mountPath.startsWith("/") || mountPath.includes(":"))
        .map(({ mountPath }) => `${name}: ${mountPath} is no place for a volume.`),
      ...(["cpu", "memory", "ephemeral-storage"] as const).flatMap((resource) => {
        const request = container.resources?.requests?.[resource];
        const limit = container.resources?.limits?.[resource];
        return request !== undefined && limit !== undefined && quantity(request) > quantity(limit)
          ? [`${name} requests ${request} of ${resource}, and may have ${limit}.`]
          : [];
      }),
      ...[container.startupProbe, container.livenessProbe]
        .filter((probe) => (probe?.successThreshold ?? 1) !== 1)
        .map(() => `${name}: one success is enough for startup and liveness.`),
      ...[container.startupProbe, container.readinessProbe, container.livenessProbe]
        .filter(
          (probe) => probe && [probe.httpGet, probe.exec, probe.tcpSocket, probe.grpc].filter(Boolean).length !== 1,
        )
        .map(() => `${name}: a probe must ask in one way.`),
    ]),
  ];
}

function strategyProblems(deployment: KubeObject & IDeployment): string[] {
  const { type = "RollingUpdate", rollingUpdate } = deployment.spec?.strategy ?? {};
  const isNone = (value: number | string | undefined) => value === 0 || value === "0%";
  return [
    ...(type === "Recreate" && rollingUpdate !== undefined
      ? [`${nameOf(deployment)} has rules of another strategy.`]
      : []),
    ...(isNone(rollingUpdate?.maxSurge) && isNone(rollingUpdate?.maxUnavailable)
      ? [`${nameOf(deployment)} could replace nothing.`]
      : []),
  ];
}

function cronProblems(job: KubeObject & ICronJob): string[] {
  const { schedule = "", timeZone } = job.spec ?? {};
  const fields = schedule.split(" ");
  const isSchedule = fields.length === 5 && fields.every((field) => CRON_FIELD.test(field));
  const isZone =
    timeZone === undefined || Intl.supportedValuesOf("timeZone").includes(timeZone) || timeZone === "Etc/UTC";
  return [
    ...(isSchedule ? [] : [`${nameOf(job)}: "${schedule}" is no schedule.`]),
    ...(isZone ? [] : [`${nameOf(job)}: ${timeZone} is no time zone.`]),
    ...(job.metadata.name.length <= 52 ? [] : [`${nameOf(job)}: its jobs would have too long names.`]),
  ];
}

function behaviorProblems(autoscaler: KubeObject & IHorizontalPodAutoscaler): string[] {
  const { scaleUp, scaleDown } = autoscaler.spec?.behavior ?? {};
  return [scaleUp, scaleDown].flatMap((rules) => [
    ...((rules?.stabilizationWindowSeconds ?? 0) <= WINDOW_SECONDS_MAX
      ? []
      : [`${nameOf(autoscaler)} waits too long.`]),
    ...(rules?.policies ?? [])
      .filter(({ value, periodSeconds }) => value <= 0 || periodSeconds <= 0 || periodSeconds > POLICY_SECONDS_MAX)
      .map(({ type }) => `${nameOf(autoscaler)}: the policy ${type} is none.`),
  ]);
}
