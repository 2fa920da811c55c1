import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** How long a test looks for what is to come. Vitest's own second is less than a machine takes now and then that has other work. */
const POLL = { poll: { timeout: 30_000 } };

export default defineConfig({
  test: {
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "unit",
          expect: POLL,
          setupFiles: ["test/setup/check-answers.ts", "test/setup/fixed-seeds.ts"],
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "test/architecture.test.ts",
            "test/documents.test.ts",
            "test/contract/**/*.test.ts",
            "test/deploy/orchestrator/*.test.ts",
            "test/differential/**/*.test.ts",
            "test/model/**/*.test.ts",
            "test/deploy/manifests*.test.ts",
          ],
          pool: "threads",
          isolate: false,
          // On two cores Vitest would take one of them.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          // A machine may be slow, and busy with other things.
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        test: {
          name: "functional",
          expect: POLL,
          setupFiles: ["test/setup/check-answers.ts", "test/setup/fixed-seeds.ts"],
          include: [
            "test/functional/**/*.test.ts",
            "test/simulation/**/*.test.ts",
            "test/browser/**/*.test.ts",
            "test/desktop/**/*.test.ts",
            "test/deploy/backup.test.ts",
          ],
          pool: "forks",
          // Each file mostly waits, for processes of its own: two at a time, behind the unit tests.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: "deploy",
          expect: POLL,
          setupFiles: ["test/setup/fixed-seeds.ts"],
          include: ["test/deploy/**/*.orchestrated.test.ts"],
          pool: "forks",
          // A cluster of pods takes both cores: one at a time, when nothing else runs.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          testTimeout: 300_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
