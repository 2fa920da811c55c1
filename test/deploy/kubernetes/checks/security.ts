import type { IContainer } from "kubernetes-models/v1";
import { containersOf, find, type KubeObject, nameOf, ofKind, type Workload, workloadsOf } from "../objects.ts";

/** The volumes that the standard "restricted" knows. */
const VOLUMES = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** What of the Pod Security standard "restricted" pods do not meet, what we ask for besides (a read-only root, no token), and namespaces that do not ask for it. */
export function securityProblems(objects: readonly KubeObject[]): string[] {
  return [
    ...workloadsOf(objects).flatMap((workload) => [
      ...podProblems(workload),
      ...containersOf(workload).flatMap((container) => containerProblems(workload, container)),
    ]),
    ...ofKind(objects, "Namespace")
      .filter(({ metadata }) => metadata.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted")
      .map((namespace) => `${nameOf(namespace)} does not enforce the standard "restricted".`),
    ...ofKind<{ automountServiceAccountToken?: boolean }>(objects, "ServiceAccount")
      .filter(({ automountServiceAccountToken: isMounted }) => isMounted !== false)
      .map((account) => `${nameOf(account)} gives its token to pods.`),
    ...ofKind(objects, "Secret").map((secret) => `${nameOf(secret)} would take the place of a real one.`),
  ];
}

function podProblems({ name, pod }: Workload): string[] {
  const { runAsNonRoot, runAsUser, fsGroup, seccompProfile } = pod.securityContext ?? {};
  const kinds = (pod.volumes ?? []).flatMap((volume) => Object.keys(volume).filter((key) => key !== "name"));
  return [
    ...(runAsNonRoot === true ? [] : [`${name} may run as root.`]),
    ...(runAsUser !== undefined && runAsUser > 0 ? [] : [`${name} does not say as which user it runs.`]),
    ...(fsGroup !== undefined && fsGroup > 0 ? [] : [`${name} cannot write to its volumes: it has no fsGroup.`]),
    ...(["RuntimeDefault", "Localhost"].includes(seccompProfile?.type ?? "")
      ? []
      : [`${name} has no seccomp profile.`]),
    ...(pod.hostNetwork || pod.hostPID || pod.hostIPC ? [`${name} uses namespaces of the machine.`] : []),
    ...kinds.filter((kind) => !VOLUMES.has(kind)).map((kind) => `${name} has a volume of the kind ${kind}.`),
    ...(pod.automountServiceAccountToken === false ? [] : [`${name} gets a token of the cluster.`]),
    ...(pod.enableServiceLinks === false ? [] : [`${name} gets variables of every Service.`]),
  ];
}

function containerProblems({ name, pod }: Workload, container: IContainer): string[] {
  const context = container.securityContext ?? {};
  const drop = context.capabilities?.drop ?? [];
  return [
    ...(context.allowPrivilegeEscalation === false ? [] : [`${name} may gain rights.`]),
    ...(context.readOnlyRootFilesystem === true ? [] : [`${name} may write to its image.`]),
    ...(drop.includes("ALL") ? [] : [`${name} keeps capabilities.`]),
    ...(context.capabilities?.add?.length ? [`${name} adds capabilities.`] : []),
    ...(context.privileged ? [`${name} is privileged.`] : []),
    ...(context.runAsNonRoot === false || context.runAsUser === 0 ? [`${name} runs as root.`] : []),
    ...((container.ports ?? []).some(({ hostPort }) => hostPort !== undefined)
      ? [`${name} has a port of the machine.`]
      : []),
    ...(pod.containers.length > 0 && container.resources?.limits?.memory && container.resources.requests?.cpu
      ? []
      : [`${name} says not what it needs and may take.`]),
  ];
}

const PINNED_TAG = /^v?\d+\.\d+\.\d+([-.][a-z0-9.-]+)?$/;
const DIGEST = /@sha256:[0-9a-f]{64}$/;

/**
 * Images that may be another one tomorrow: no tag, a word (`latest`), or a version of which parts are left open. A full version or a digest is asked for
 * everywhere, so that what was tried in staging is what runs in production.
 */
export function imageProblems(objects: readonly KubeObject[]): string[] {
  return workloadsOf(objects).flatMap((workload) =>
    containersOf(workload).flatMap(({ image = "" }) => {
      if (DIGEST.test(image)) return [];
      const [, tag = ""] = /:([^:/]+)$/.exec(image) ?? [];
      return PINNED_TAG.test(tag) ? [] : [`${workload.name}: the image ${image} is not one version.`];
    }),
  );
}

/** Whether an object of the kind is there, as a problem where it is not. */
export function missing(objects: readonly KubeObject[], kind: string, name: string): string[] {
  return find(objects, kind, name) === undefined ? [`There is no ${kind} ${name}.`] : [];
}
