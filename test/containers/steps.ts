/** What is tested, one step after the other: its name, how long it took, and at the end what failed. */

export interface Steps {
  /** Runs a step; the error of one that fails ends its group. */
  readonly step: (name: string, body: () => Promise<unknown>) => Promise<void>;
  /** Runs steps that build on one another; a failure among them leaves the other groups as they are. `after` runs in any case. */
  readonly group: (name: string, body: () => Promise<unknown>, onFailure?: () => Promise<unknown>) => Promise<void>;
  readonly failures: readonly string[];
  /** Names of those that ran. */
  readonly groups: readonly string[];
}

class StepFailed extends Error {}

/** Steps that write to the terminal. Only those groups run whose name has `filter` in it. */
export function makeSteps(filter = ""): Steps {
  const failures: string[] = [];
  const groups: string[] = [];
  return {
    failures,
    groups,
    step: async (name, body) => {
      const startMs = Date.now();
      try {
        await body();
        console.log(`  ok      ${seconds(startMs)}  ${name}`);
      } catch (error) {
        console.log(`  FAILED  ${seconds(startMs)}  ${name}`);
        console.log(indented(error instanceof Error ? (error.stack ?? error.message) : String(error)));
        failures.push(name);
        throw new StepFailed(name);
      }
    },
    group: async (name, body, onFailure) => {
      if (!name.includes(filter)) return;
      groups.push(name);
      console.log(`\n${name}`);
      try {
        await body();
      } catch (error) {
        if (!(error instanceof StepFailed)) {
          failures.push(name);
          console.log(indented(error instanceof Error ? (error.stack ?? error.message) : String(error)));
        }
        await onFailure?.();
      }
    },
  };
}

const seconds = (startMs: number) => `${((Date.now() - startMs) / 1000).toFixed(1).padStart(5)} s`;

const indented = (text: string) => text.replace(/^/gm, "          ");
