import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { type Base, makeBase, removeBase } from "./node-under-test.ts";
import { OUTCOMES } from "./outcomes.ts";
import { chunksByCuts, exhaustiveChunks } from "./reference-chunks.ts";
import { leadLife, worldOf } from "./run-model.ts";
import { WORLDS } from "./worlds.ts";

/** Every world comes three times; these seeds meet more than others near them. */
const SEED_FIRST = 18;
const SEEDS = Array.from({ length: 3 * WORLDS.length }, (_, index) => SEED_FIRST + index);
const STEPS = 200;

describe("a random life of the mempool beside a slow reference", () => {
  const counts = new Map<string, number>();
  let base: Base;
  beforeAll(async () => {
    base = await makeBase();
  });
  afterAll(() => removeBase(base));

  test.each(SEEDS.map((seed) => ({ seed, name: `${seed} (${worldOf(seed).name})` })))(
    "seed $name",
    { timeout: 120_000 },
    async ({ seed }) => {
      const { steps, difference } = await leadLife(seed, STEPS, base, counts);
      if (difference === undefined) return;
      const again = `npm run test:mempool-model -- --from ${seed} --seeds 1 --steps ${STEPS}`;
      throw new Error(`step ${steps.length}: ${difference.message}\n\nmake it shorter: ${again}\n`, {
        cause: difference,
      });
    },
  );

  test("meets every kind of outcome", () => {
    expect(OUTCOMES.filter((outcome) => !counts.has(outcome))).toEqual([]);
  });
});

describe("the reference's two ways to cut a cluster", () => {
  test("agree where both can be taken", () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 300; round++) {
      const nodes = Array.from({ length: 1 + random.below(8) }, (_, index) => ({
        fee: BigInt(random.below(12) - 2),
        size: 1 + random.below(4),
        parents: Array.from({ length: index }, (_each, parent) => parent).filter(() => random.oneIn(3)),
      }));
      const label = JSON.stringify(nodes.map(({ fee, size, parents }) => [Number(fee), size, parents]));
      expect(chunksByCuts(nodes), label).toEqual(exhaustiveChunks(nodes));
    }
  });
});
