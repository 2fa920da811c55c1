import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import {
  containersOf,
  isSelected,
  type KubeObject,
  nameOf,
  ofKind,
  quantity,
  type Selector,
  type Workload,
  workloadsOf,
} from "../objects.ts";

type Autoscaler = KubeObject & IHorizontalPodAutoscaler;

/** Autoscalers without a target, with nothing to count by, or whose least is more than their most. */
export function autoscalerProblems(objects: readonly KubeObject[]): string[] {
  const autoscalers = ofKind<IHorizontalPodAutoscaler>(objects, "HorizontalPodAutoscaler");
  return autoscalers.flatMap((autoscaler) => {
    const name = nameOf(autoscaler);
    const { minReplicas = 1, maxReplicas = 0, scaleTargetRef, metrics = [] } = autoscaler.spec ?? {};
    const target = targetOf(autoscaler, objects);
    if (target === undefined) return [`${name}: there is no ${scaleTargetRef?.kind} ${scaleTargetRef?.name}.`];
    const rivals = autoscalers.filter((one) => targetOf(one, objects)?.name === target.name);
    return [
      ...(minReplicas <= maxReplicas ? [] : [`${name} wants at least ${minReplicas} and at most ${maxReplicas}.`]),
      ...(minReplicas >= 1 ? [] : [`${name} may end all pods: nothing would be left to count by.`]),
      ...(rivals.length === 1 ? [] : [`${name}: ${target.name} has ${rivals.length} autoscalers.`]),
      ...(metrics.length > 0 ? [] : [`${name} has nothing to count by.`]),
      ...metrics.flatMap(({ resource }) => {
        if (resource === undefined) return [];
        const key = resource.name as "cpu" | "memory";
        return containersOf(target).flatMap(({ name: container, resources }) => {
          if (resources?.requests?.[key] === undefined) return [`${name}: container ${container} requests no ${key}.`];
          const most = resources.limits?.[key];
          const aim = resource.target.averageValue;
          return aim === undefined || (most !== undefined && quantity(aim) < quantity(most))
            ? []
            : [`${name}: pods never get to ${aim} of ${key}, their limit is ${most}.`];
        });
      }),
    ];
  });
}

export function targetOf({ spec }: Autoscaler, objects: readonly KubeObject[]): Workload | undefined {
  const { apiVersion, kind, name } = spec?.scaleTargetRef ?? {};
  return workloadsOf(objects).find(
    ({ object }) => object.kind === kind && object.apiVersion === apiVersion && object.metadata.name === name,
  );
}

/** The fewest and the most pods of a workload. */
export function replicasOf(workload: Workload, objects: readonly KubeObject[]): { min: number; max: number } {
  const autoscaler = ofKind<IHorizontalPodAutoscaler>(objects, "HorizontalPodAutoscaler").find(
    (one) => targetOf(one, objects)?.name === workload.name,
  );
  if (autoscaler?.spec === undefined) return { min: workload.replicas, max: workload.replicas };
  return { min: autoscaler.spec.minReplicas ?? 1, max: autoscaler.spec.maxReplicas };
}

/** Budgets that let no pod go where there are as few as there may be: they would stop the drain of a machine for ever. */
export function disruptionProblems(objects: readonly KubeObject[]): string[] {
  return ofKind<IPodDisruptionBudget>(objects, "PodDisruptionBudget").flatMap((budget) => {
    const { maxUnavailable, minAvailable, unhealthyPodEvictionPolicy, selector } = budget.spec ?? {};
    const workload = workloadsOf(objects).find(({ labels }) => isSelected(labels, selector as Selector));
    if (workload === undefined) return [];
    const { min } = replicasOf(workload, objects);
    const mayGo = maxUnavailable === undefined ? min - countOf(minAvailable ?? 1, min) : countOf(maxUnavailable, min);
    return [
      ...(mayGo >= 1 ? [] : [`${nameOf(budget)} blocks a drain where ${workload.name} has ${min}.`]),
      ...(unhealthyPodEvictionPolicy === "AlwaysAllow" ? [] : [`${nameOf(budget)} holds pods that do not work.`]),
    ];
  });
}

/** A number or a percentage, which Kubernetes rounds up in both places. */
const countOf = (value: string | number, of: number) =>
  typeof value === "number" ? value : Math.ceil((Number.parseInt(value, 10) / 100) * of);
