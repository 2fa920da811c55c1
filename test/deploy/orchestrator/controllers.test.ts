import { describe, expect, test } from "vitest";
import { stepOfDeployment } from "./deployment.ts";
import type { Deployment, StatefulSet } from "./kubernetes-types.ts";
import { type PodState, type Step, stepOfStatefulSet } from "./stateful-set.ts";

/** The rules of the two controllers, since what the pods' tests show depends on them. */

const NEW = "new";
const TEMPLATE = { spec: { containers: [] } };

/** `a`, `a-old`, `a-waiting`, `a-ending` and mixtures of them, as states. */
function pod(text: string): PodState {
  const [name, ...words] = text.split(" ");
  const isReady = !words.includes("waiting") && !words.includes("ending");
  const revision = words.includes("old") ? "old" : NEW;
  return { name: name!, revision, isReady, isAvailable: isReady, isTerminating: words.includes("ending") };
}

describe("a StatefulSet", () => {
  const stepOf = (replicas: number, pods: readonly string[], extra: Partial<StatefulSet["spec"]> = {}): Step =>
    stepOfStatefulSet(
      {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: "m" },
        spec: { replicas, serviceName: "m", selector: {}, template: TEMPLATE, ...extra },
      },
      NEW,
      pods.map(pod),
    );
  const create = (...names: string[]) => ({ create: names, remove: [] });
  const remove = (name: string) => ({ create: [], remove: [name] });
  const nothing = { create: [], remove: [] };

  test.each<[what: string, replicas: number, pods: string[], step: Step]>([
    ["begins with the first", 3, [], create("m-0")],
    ["waits for the first", 3, ["m-0 waiting"], nothing],
    ["goes on when it is ready", 3, ["m-0"], create("m-1")],
    ["does nothing when all are there", 2, ["m-0", "m-1"], nothing],
    ["fills a gap before it adds", 4, ["m-0", "m-2"], create("m-1")],
    ["does not make a pod whose forerunner still ends", 1, ["m-0 ending"], nothing],
    ["ends the highest first", 1, ["m-0", "m-1", "m-2"], remove("m-2")],
    ["and one at a time", 1, ["m-0", "m-1", "m-2 ending"], nothing],
    ["counts numbers as numbers", 1, ["m-0", "m-9", "m-10"], remove("m-10")],
    ["replaces from the highest downwards", 2, ["m-0 old", "m-1 old"], remove("m-1")],
    ["replaces the next when the new one is ready", 2, ["m-0 old", "m-1"], remove("m-0")],
    ["and not before", 2, ["m-0 old", "m-1 waiting"], nothing],
  ])("%s", (_, replicas, pods, step) => {
    expect(stepOf(replicas, pods)).toEqual(step);
  });

  test("leaves pods below the partition as they are", () => {
    const updateStrategy = { rollingUpdate: { partition: 1 } };
    expect(stepOf(2, ["m-0 old", "m-1 old"], { updateStrategy })).toEqual(remove("m-1"));
    expect(stepOf(2, ["m-0 old", "m-1"], { updateStrategy })).toEqual(nothing);
  });

  test("begins all at once where it is told to", () => {
    expect(stepOf(3, ["m-1"], { podManagementPolicy: "Parallel" })).toEqual(create("m-0", "m-2"));
  });
});

describe("a Deployment", () => {
  const stepOf = (replicas: number, pods: readonly string[], strategy: Deployment["spec"]["strategy"]): Step => {
    let made = 0;
    const spec = { replicas, selector: {}, template: TEMPLATE, ...(strategy === undefined ? {} : { strategy }) };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec };
    return stepOfDeployment(deployment, NEW, pods.map(pod), () => `made-${++made}`);
  };
  const surgeOf = (maxSurge: number | string, maxUnavailable: number | string) => ({
    rollingUpdate: { maxSurge, maxUnavailable },
  });

  test.each<[what: string, replicas: number, pods: string[], strategy: Deployment["spec"]["strategy"], step: Step]>([
    ["makes all at once", 2, [], surgeOf(1, 0), { create: ["made-1", "made-2"], remove: [] }],
    ["does not count pods that end", 1, ["a ending"], surgeOf(1, 0), { create: ["made-1"], remove: [] }],
    ["makes one more before one goes", 2, ["a old", "b old"], surgeOf(1, 0), { create: ["made-1"], remove: [] }],
    [
      "ends none while the new one is not ready",
      2,
      ["a old", "b old", "c waiting"],
      surgeOf(1, 0),
      { create: [], remove: [] },
    ],
    ["ends one when it is", 2, ["a old", "b old", "c"], surgeOf(1, 0), { create: [], remove: ["a"] }],
    ["ends one at once where one may be missing", 2, ["a old", "b old"], surgeOf(0, 1), { create: [], remove: ["a"] }],
    ["ends first what serves nobody", 2, ["a old", "b old waiting"], surgeOf(0, 1), { create: [], remove: ["b"] }],
    [
      "rounds the surge up and the rest down",
      3,
      ["a old", "b old", "c old"],
      undefined,
      { create: ["made-1"], remove: [] },
    ],
    ["ends the youngest that are too many", 1, ["a", "b", "c"], undefined, { create: [], remove: ["c", "b"] }],
    ["and before them what is not ready", 2, ["a waiting", "b", "c"], undefined, { create: [], remove: ["a"] }],
    ["ends all before it makes one", 1, ["a old"], { type: "Recreate" }, { create: [], remove: ["a"] }],
    ["and waits until they have ended", 1, ["a old ending"], { type: "Recreate" }, { create: [], remove: [] }],
  ])("%s", (_, replicas, pods, strategy, step) => {
    expect(stepOf(replicas, pods, strategy)).toEqual(step);
  });
});
