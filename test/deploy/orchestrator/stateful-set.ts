import type { StatefulSet } from "./kubernetes-types.ts";

/** Of a pod what a controller decides by. Pods that are gone are not among them. */
export interface PodState {
  readonly name: string;
  readonly revision: string;
  readonly isReady: boolean;
  /** Ready for as long as `minReadySeconds` says. */
  readonly isAvailable: boolean;
  readonly isTerminating: boolean;
}

/** What a controller does next. */
export interface Step {
  readonly create: readonly string[];
  readonly remove: readonly string[];
}

const WAIT: Step = { create: [], remove: [] };

/**
 * What the controller of a StatefulSet does: it makes pods from 0 upwards, each when the one before is ready; ends what is too
 * much from the highest downwards; and replaces what is of another revision from the highest downwards; one at a time.
 */
export function stepOfStatefulSet({ metadata, spec }: StatefulSet, revision: string, pods: readonly PodState[]): Step {
  const replicas = spec.replicas ?? 1;
  const byName = new Map(pods.map((pod) => [pod.name, pod]));
  const wanted = Array.from({ length: replicas }, (_, ordinal) => `${metadata.name}-${ordinal}`);
  if (spec.podManagementPolicy === "Parallel") {
    const missing = wanted.filter((name) => !byName.has(name));
    if (missing.length > 0) return { create: missing, remove: [] };
  } else {
    for (const name of wanted) {
      const pod = byName.get(name);
      if (pod === undefined) return { create: [name], remove: [] };
      if (!isHealthy(pod)) return WAIT;
    }
  }
  const surplus = pods.filter(({ name }) => !wanted.includes(name)).sort((a, b) => ordinalOf(b) - ordinalOf(a));
  if (surplus.length > 0) return surplus.some(({ isTerminating }) => isTerminating) ? WAIT : remove(surplus[0]!);
  if (spec.updateStrategy?.type === "OnDelete") return WAIT;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const name of wanted.slice(partition).reverse()) {
    const pod = byName.get(name);
    if (pod === undefined || pod.isTerminating) return WAIT;
    if (pod.revision !== revision) return remove(pod);
    if (!isHealthy(pod)) return WAIT;
  }
  return WAIT;
}

const isHealthy = ({ isAvailable, isTerminating }: PodState) => isAvailable && !isTerminating;
const remove = ({ name }: PodState): Step => ({ create: [], remove: [name] });
const ordinalOf = ({ name }: PodState) => Number(name.slice(name.lastIndexOf("-") + 1));
