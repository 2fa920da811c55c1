import type { Deployment } from "./kubernetes-types.ts";
import type { PodState, Step } from "./stateful-set.ts";

/**
 * What the controller of a Deployment does: never more than `maxSurge` pods beyond the wished number, those that end not counted,
 * and never fewer that are available than `maxUnavailable` below it. `newName` gives names to new pods.
 */
export function stepOfDeployment(
  { spec }: Deployment,
  revision: string,
  pods: readonly PodState[],
  newName: () => string,
): Step {
  const replicas = spec.replicas ?? 1;
  const active = pods.filter(({ isTerminating }) => !isTerminating);
  const current = active.filter((pod) => pod.revision === revision);
  const old = active.filter((pod) => pod.revision !== revision);
  const names = (count: number) => Array.from({ length: Math.max(0, count) }, newName);
  if (spec.strategy?.type === "Recreate") {
    if (old.length > 0) return { create: [], remove: old.map(({ name }) => name) };
    if (pods.some((pod) => pod.revision !== revision)) return { create: [], remove: [] };
    return { create: names(replicas - current.length), remove: surplusOf(current, replicas) };
  }
  const { surge, unavailable } = allowances(spec.strategy?.rollingUpdate, replicas);
  const room = old.length === 0 ? replicas - current.length : replicas + surge - active.length;
  const create = names(Math.min(replicas - current.length, room));
  if (old.length === 0) return { create, remove: surplusOf(current, replicas) };
  return { create, remove: replaceable(current, old, replicas - unavailable) };
}

/** Of the old pods those that may go: first what serves nobody, then what is above the least number that must serve. */
function replaceable(current: readonly PodState[], old: readonly PodState[], availableMin: number): string[] {
  const waiting = current.filter(({ isAvailable }) => !isAvailable).length;
  let mayGo = current.length + old.length - availableMin - waiting;
  const chosen: string[] = [];
  for (const pod of old.filter(({ isAvailable }) => !isAvailable)) {
    if (mayGo <= 0) break;
    chosen.push(pod.name);
    mayGo -= 1;
  }
  const available = [...current, ...old].filter(({ isAvailable }) => isAvailable).length;
  const spare = Math.min(mayGo, available - availableMin);
  const serving = old.filter(({ isAvailable }) => isAvailable).map(({ name }) => name);
  return [...chosen, ...serving.slice(0, Math.max(0, spare))];
}

/** Those that are not ready go first, then the youngest. */
function surplusOf(pods: readonly PodState[], replicas: number): string[] {
  const count = pods.length - replicas;
  if (count <= 0) return [];
  const youngestFirst = [...pods].reverse();
  const order = [...youngestFirst.filter(({ isReady }) => !isReady), ...youngestFirst.filter(({ isReady }) => isReady)];
  return order.slice(0, count).map(({ name }) => name);
}

/** A quarter where nothing is said; of percentages the surge is rounded up and the rest down; both 0 would never end. */
function allowances(
  rolling: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string } | undefined,
  replicas: number,
): { surge: number; unavailable: number } {
  const count = (value: number | string, round: (share: number) => number) =>
    typeof value === "number" ? value : round((Number.parseInt(value, 10) / 100) * replicas);
  const surge = count(rolling?.maxSurge ?? "25%", Math.ceil);
  const unavailable = count(rolling?.maxUnavailable ?? "25%", Math.floor);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}
