import { join } from "node:path";
import type { IContainer } from "kubernetes-models/v1";
import type { Variables } from "../../functional/container-node.ts";
import { type Exit, run } from "../../functional/test-node.ts";
import { variablesOf } from "./checks/environment.ts";
import { KUBERNETES } from "./kubectl.ts";
import { containersOf, workloadsOf } from "./objects.ts";
import { exampleSecrets, readObjects } from "./shipped.ts";

/** Where a container's paths are on this machine. */
export type Places = Readonly<Record<string, string>>;

const BIN = join(import.meta.dirname, "../../../packages/node/bin");
const SCRIPTS = "/app/backup-scripts";

/** The one container of a shipped file's workload. */
export function containerIn(path: string): { container: IContainer; variables: Variables } {
  const [workload] = workloadsOf(readObjects(path));
  const [container] = workload === undefined ? [] : containersOf(workload);
  if (container === undefined) throw new Error(`${path} has no container.`);
  const config = readObjects("base/config.yaml");
  return { container, variables: variablesOf(container, config, exampleSecrets()) };
}

/** Runs a shipped job's command, with its variables and what stands for its volumes. */
export async function runJob(
  path: string,
  places: Places,
  given: Variables,
  words: readonly string[] = [],
): Promise<Exit> {
  const { container, variables } = containerIn(path);
  const here = (text: string) =>
    Object.entries({ ...places, [SCRIPTS]: join(KUBERNETES, "components/backup") }).reduce(
      (whole, [from, to]) => whole.replace(new RegExp(`${from}(?=/|$)`), to),
      text,
    );
  const [program = "", ...args] = (container.args ?? []).map(here);
  const placed = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, here(value)]));
  return run(program, [...args, ...words], { env: { PATH: `${BIN}:${process.env.PATH}`, ...placed, ...given } });
}
