import type { IDeployment } from "kubernetes-models/apps/v1";
import type { ILimitRange, IPersistentVolumeClaim, IResourceQuota } from "kubernetes-models/v1";
import { containersOf, type KubeObject, ofKind, quantity, type Workload, workloadsOf } from "../objects.ts";
import { replicasOf } from "./scaling.ts";

/** Pods that one CronJob may have at a time: the running one; those that failed have ended and count no more. */
const PODS_OF_JOB = 1;

/** How many pods of a workload there may be at once: the autoscaler's most, those that an update adds, and as many that are still ending. */
export function podsAtMost(workload: Workload, objects: readonly KubeObject[]): number {
  const { kind } = workload.object;
  if (kind === "CronJob" || kind === "Job") return PODS_OF_JOB;
  const { max } = replicasOf(workload, objects);
  const { strategy } = (workload.object as KubeObject & IDeployment).spec ?? {};
  if (kind === "StatefulSet" || strategy?.type === "Recreate") return max;
  const surge = strategy?.rollingUpdate?.maxSurge ?? "25%";
  const added = typeof surge === "number" ? surge : Math.ceil((Number.parseInt(surge, 10) / 100) * max);
  return max + 2 * added;
}

/** What all of it asks for at most, by the names of a quota. */
export function demand(objects: readonly KubeObject[]): Record<string, number> {
  const claims = [
    ...ofKind<IPersistentVolumeClaim>(objects, "PersistentVolumeClaim").map((claim) => ({ claim, count: 1 })),
    ...workloadsOf(objects).flatMap((workload) =>
      workload.claimTemplates.map((claim) => ({ claim, count: podsAtMost(workload, objects) })),
    ),
  ];
  const sum: Record<string, number> = {
    pods: 0,
    "requests.cpu": 0,
    "requests.memory": 0,
    "limits.cpu": 0,
    "limits.memory": 0,
  };
  for (const workload of workloadsOf(objects)) {
    const count = podsAtMost(workload, objects);
    sum.pods = (sum.pods ?? 0) + count;
    for (const { resources } of containersOf(workload)) {
      for (const kind of ["requests", "limits"] as const) {
        for (const name of ["cpu", "memory"] as const) {
          const key = `${kind}.${name}`;
          sum[key] = (sum[key] ?? 0) + count * quantity(resources?.[kind]?.[name] ?? "0");
        }
      }
    }
  }
  return {
    ...sum,
    persistentvolumeclaims: claims.reduce((total, { count }) => total + count, 0),
    "requests.storage": claims.reduce(
      (total, { claim, count }) => total + count * quantity(claim.spec?.resources?.requests?.storage ?? "0"),
      0,
    ),
    "services.loadbalancers": ofKind<{ spec: { type?: string } }>(objects, "Service").filter(
      ({ spec }) => spec.type === "LoadBalancer",
    ).length,
  };
}

/** What the quota does not have room for, and what the limits of one container or claim forbid. */
export function capacityProblems(objects: readonly KubeObject[]): string[] {
  const quotas = ofKind<IResourceQuota>(objects, "ResourceQuota");
  const needed = demand(objects);
  return [
    ...(quotas.length === 1 ? [] : [`There are ${quotas.length} quotas.`]),
    ...quotas.flatMap(({ spec }) =>
      Object.entries(spec?.hard ?? {}).flatMap(([name, most]) => {
        const need = needed[name];
        if (need === undefined) return [`Nobody has added up ${name}.`];
        return need <= quantity(most) ? [] : [`The quota has ${most} of ${name}, and ${need} may be needed.`];
      }),
    ),
    ...ofKind<ILimitRange>(objects, "LimitRange").flatMap(({ spec }) =>
      (spec?.limits ?? []).flatMap(({ type, max = {} }) =>
        Object.entries(max).flatMap(([name, most]) => tooMuch(objects, type, name, most)),
      ),
    ),
  ];
}

function tooMuch(objects: readonly KubeObject[], type: string, name: string, most: string | number): string[] {
  const asked =
    type === "Container"
      ? workloadsOf(objects).flatMap((workload) =>
          containersOf(workload).map(({ resources }) => [workload.name, resources?.limits?.[name]] as const),
        )
      : [
          ...ofKind<IPersistentVolumeClaim>(objects, "PersistentVolumeClaim"),
          ...workloadsOf(objects).flatMap(({ claimTemplates }) => claimTemplates),
        ].map((claim) => [claim.metadata?.name ?? "", claim.spec?.resources?.requests?.[name]] as const);
  return asked.flatMap(([owner, amount]) =>
    amount === undefined || quantity(amount) > quantity(most)
      ? [`${owner} has ${amount} of ${name}, and one may have ${most}.`]
      : [],
  );
}
