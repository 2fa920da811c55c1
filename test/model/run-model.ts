import { SeededRandom } from "../differential/random.ts";
import { Difference } from "./comparison.ts";
import { Life } from "./life.ts";
import type { Base } from "./node-under-test.ts";
import { StepMaker } from "./step-maker.ts";
import type { Step } from "./steps.ts";
import { WORLDS, type World } from "./worlds.ts";

/** Random lives of a mempool beside its reference. */

export interface Outcome {
  readonly steps: readonly Step[];
  readonly difference: Error | undefined;
}

export const worldOf = (seed: number): World => WORLDS[seed % WORLDS.length]!;

/** Leads the life of a seed, up to `stepCount` steps or the first difference. `counts` grows by what happened. */
export async function leadLife(
  seed: number,
  stepCount: number,
  base: Base,
  counts: Map<string, number>,
): Promise<Outcome> {
  const world = worldOf(seed);
  const life = await Life.begin(base, world, counts);
  const steps: Step[] = [];
  try {
    const maker = new StepMaker(new SeededRandom(seed), life, world);
    while (steps.length < stepCount) {
      const step = maker.next();
      steps.push(step);
      await life.take(step);
    }
    return { steps, difference: undefined };
  } catch (error) {
    return { steps, difference: life.node.failure ?? (error as Error) };
  } finally {
    await life.close();
  }
}

/** Does the same steps again in the same world; the difference they lead to. */
export async function replay(steps: readonly Step[], world: World, base: Base): Promise<Error | undefined> {
  const life = await Life.begin(base, world, new Map());
  try {
    for (const step of steps) await life.take(step);
    return undefined;
  } catch (error) {
    return life.node.failure ?? (error as Error);
  } finally {
    await life.close();
  }
}

const headOf = (error: Error) => error.message.split("\n")[0]!.replace(/[0-9a-f]{64}/g, "…");

/** Fewer steps that lead to a difference in the same thing. */
export async function shorten(
  steps: readonly Step[],
  difference: Error,
  world: World,
  base: Base,
  deadlineMs: number,
): Promise<readonly Step[]> {
  let least = steps;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = least.length - 1; end > 0 && performance.now() < deadlineMs; end -= size) {
      const fewer = [...least.slice(0, Math.max(0, end - size)), ...least.slice(end)];
      const found = await replay(fewer, world, base);
      if (
        found instanceof Difference === difference instanceof Difference &&
        found &&
        headOf(found) === headOf(difference)
      )
        least = fewer;
    }
  }
  return least;
}
