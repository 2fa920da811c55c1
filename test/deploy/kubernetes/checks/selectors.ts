import type { IStatefulSet } from "kubernetes-models/apps/v1";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import type { IService } from "kubernetes-models/v1";
import {
  find,
  isSelected,
  type KubeObject,
  type Labels,
  nameOf,
  ofKind,
  type Selector,
  type Workload,
  workloadsOf,
} from "../objects.ts";

/** Selectors that select nothing, or something else than what they stand beside. */
export function selectorProblems(objects: readonly KubeObject[]): string[] {
  const workloads = workloadsOf(objects);
  return [
    ...workloads.flatMap(ownSelectorProblems),
    ...workloads.flatMap((workload) => placementProblems(workload, workloads)),
    ...ofKind<IService>(objects, "Service").flatMap((service) => {
      const selector = service.spec?.selector;
      if (selector === undefined) return [`${nameOf(service)} has no selector.`];
      return podsOf(workloads, { matchLabels: selector }).length > 0
        ? []
        : [`${nameOf(service)} selects no pod: none has ${textOf(selector)}.`];
    }),
    ...ofKind<IPodDisruptionBudget>(objects, "PodDisruptionBudget").flatMap((budget) => {
      const selected = podsOf(workloads, budget.spec?.selector as Selector);
      return selected.length === 1 ? [] : [`${nameOf(budget)} must be of one workload, and is of ${selected.length}.`];
    }),
  ];
}

function ownSelectorProblems({ object, name, selector, labels }: Workload): string[] {
  if (object.kind === "CronJob" || object.kind === "Job") return [];
  if (selector === undefined) return [`${name} has no selector.`];
  return isSelected(labels, { matchLabels: selector })
    ? []
    : [`${name} does not select its own pods: they have not ${textOf(selector)}.`];
}

/** Rules that spread pods must be about these pods; those that keep pods together, about pods that there are. */
function placementProblems({ name, labels, pod }: Workload, workloads: readonly Workload[]): string[] {
  const spread = (pod.topologySpreadConstraints ?? []).filter(
    ({ labelSelector }) => !isSelected(labels, labelSelector as Selector),
  );
  const near = (pod.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).filter(
    ({ labelSelector }) => podsOf(workloads, labelSelector as Selector).length === 0,
  );
  return [
    ...spread.map(({ topologyKey }) => `${name} spreads other pods than its own over ${topologyKey}.`),
    ...near.map(() => `${name} wants to be near pods that there are none of.`),
  ];
}

/** Sets whose Service is missing, has an address of its own, or selects other pods: their pods would have no names. */
export function headlessProblems(objects: readonly KubeObject[]): string[] {
  return ofKind<IStatefulSet>(objects, "StatefulSet").flatMap((set) => {
    const service = find<IService>(objects, "Service", set.spec?.serviceName);
    if (service === undefined) return [`${nameOf(set)}: there is no Service ${set.spec?.serviceName}.`];
    if (service.spec?.clusterIP !== "None") return [`${nameOf(set)}: ${nameOf(service)} is not headless.`];
    if (service.spec.publishNotReadyAddresses !== true)
      return [`${nameOf(set)}: pods that are not ready have no name, and could not become ready by one another.`];
    const labels = (set.spec?.template?.metadata?.labels ?? {}) as Labels;
    return isSelected(labels, { matchLabels: service.spec.selector ?? {} })
      ? []
      : [`${nameOf(set)}: ${nameOf(service)} selects other pods.`];
  });
}

export const podsOf = (workloads: readonly Workload[], selector: Selector) =>
  workloads.filter(({ labels }) => isSelected(labels, selector));

const textOf = (labels: Labels) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
