import type { IVolume } from "kubernetes-models/v1";
import { containersOf, dataOf, find, type KubeObject, type Workload, workloadsOf } from "../objects.ts";

/** Keys, claims and accounts that pods ask for and that there are none of. `secrets` are what the network is applied beside: they are in no overlay. */
export function referenceProblems(objects: readonly KubeObject[], secrets: readonly KubeObject[]): string[] {
  const all = [...objects, ...secrets];
  return workloadsOf(objects).flatMap((workload) => [
    ...variableProblems(workload, all),
    ...(workload.pod.volumes ?? []).flatMap((volume) => sourceProblems(workload, volume, all)),
    ...(find(objects, "ServiceAccount", workload.pod.serviceAccountName) === undefined
      ? [`${workload.name}: there is no ServiceAccount ${workload.pod.serviceAccountName}.`]
      : []),
  ]);
}

function variableProblems(workload: Workload, all: readonly KubeObject[]): string[] {
  return containersOf(workload).flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ name, valueFrom }) => {
      const { configMapKeyRef: config, secretKeyRef: secret } = valueFrom ?? {};
      const reference = config ?? secret;
      if (reference === undefined) return [];
      const kind = config === undefined ? "Secret" : "ConfigMap";
      return keysOf(all, kind, reference.name)?.includes(reference.key)
        ? []
        : [`${workload.name}: ${name} is to come from ${kind} ${reference.name}, which has no ${reference.key}.`];
    }),
    ...envFrom.map(() => `${workload.name} takes whole ConfigMaps or Secrets: name each variable.`),
    ...env
      .map(({ name }) => name)
      .filter((name, index, names) => names.indexOf(name) !== index)
      .map((name) => `${workload.name} has ${name} twice.`),
  ]);
}

function sourceProblems(workload: Workload, volume: IVolume, all: readonly KubeObject[]): string[] {
  const { configMap, secret, persistentVolumeClaim: claim } = volume;
  const problem = (what: string) => [`${workload.name}: volume ${volume.name} is to be ${what}, which there is not.`];
  if (claim !== undefined) {
    const isThere = find(all, "PersistentVolumeClaim", claim.claimName) !== undefined || isOfSet(claim.claimName, all);
    return isThere ? [] : problem(`PersistentVolumeClaim ${claim.claimName}`);
  }
  if (configMap === undefined && secret === undefined) return [];
  const kind = configMap === undefined ? "Secret" : "ConfigMap";
  const name = configMap?.name ?? secret?.secretName;
  const keys = keysOf(all, kind, name);
  if (keys === undefined) return problem(`${kind} ${name}`);
  const items = (configMap ?? secret)?.items ?? [];
  return items.filter(({ key }) => !keys.includes(key)).flatMap(({ key }) => problem(`${key} of ${kind} ${name}`));
}

/** Whether a set makes the claim for its first pod: `<template>-<set>-0`. */
const isOfSet = (name: string, all: readonly KubeObject[]) =>
  workloadsOf(all).some(({ object, claimTemplates }) =>
    claimTemplates.some(({ metadata }) => name === `${metadata?.name}-${object.metadata.name}-0`),
  );

function keysOf(all: readonly KubeObject[], kind: "ConfigMap" | "Secret", name: string | undefined) {
  const data = dataOf(all, kind, name);
  return data && Object.keys(data);
}
