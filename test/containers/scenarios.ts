/** All tests with containers, in the engine that the environment names: run.ts starts it, and this in its network namespace. */
import { testImage } from "./image.ts";
import { testNetwork } from "./network.ts";
import { testSeparateProjects } from "./separate.ts";
import { makeSteps } from "./steps.ts";

const root = process.env.BITFLEET_CONTAINERS_ROOT;
if (root === undefined) throw new Error("scenarios.ts is started by run.ts: npm run test:containers");

async function main(work: string): Promise<void> {
  const startMs = Date.now();
  const steps = makeSteps(process.argv[2]);
  await testImage(steps);
  await testNetwork(steps, work);
  await testSeparateProjects(steps, work);
  if (steps.groups.length === 0) throw new Error(`there is no group of tests with "${process.argv[2]}" in its name`);
  const took = `${((Date.now() - startMs) / 1000).toFixed(0)} s`;
  console.log(steps.failures.length === 0 ? `\nall passed in ${took}` : `\n${steps.failures.length} failed in ${took}`);
  process.exitCode = steps.failures.length === 0 ? 0 : 1;
}

main(root).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
