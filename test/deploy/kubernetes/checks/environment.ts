import { tmpdir } from "node:os";
import { readConfig } from "@bitfleet/node/config/config.ts";
import { type ContainerStart, readContainer } from "@bitfleet/node/config/container/container-start.ts";
import { checkMiningAddress } from "@bitfleet/node/config/environment.ts";
import { ConfigError } from "@bitfleet/node/config/settings.ts";
import type { IConfigMap, IContainer } from "kubernetes-models/v1";
import { memoryProblem } from "../../memory.ts";
import { containersOf, dataOf, type KubeObject, ofKind, quantity, type Workload, workloadsOf } from "../objects.ts";

export type Variables = Record<string, string>;

/** What the image sets. */
const OF_IMAGE: Variables = {
  NODE_NETWORK: "regtest",
  NODE_IS_MINER: "no",
  NODE_IS_WEB_SERVER: "yes",
  NODE_CONNECT_NODES: "local",
  WEB_METRICS_BIND: "0.0.0.0:9332",
};

/** The variables of a container as a kubelet makes them: `$(NAME)` is filled in with what stands before it. */
export function variablesOf(
  container: IContainer,
  objects: readonly KubeObject[],
  secrets: readonly KubeObject[],
): Variables {
  const variables: Variables = {};
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { configMapKeyRef: config, secretKeyRef: secret, fieldRef } = valueFrom ?? {};
    const text =
      config !== undefined
        ? dataOf(objects, "ConfigMap", config.name)?.[config.key]
        : secret !== undefined
          ? dataOf(secrets, "Secret", secret.name)?.[secret.key]
          : (value ?? FIELDS[fieldRef?.fieldPath ?? ""]);
    variables[name] = (text ?? "").replace(/\$\(([A-Z0-9_]+)\)/g, (whole, other) => variables[other] ?? whole);
  }
  return variables;
}

const FIELDS: Variables = {
  "metadata.name": "miner-1",
  "metadata.namespace": "blockchain",
  "status.podIP": "10.1.2.3",
};

/** Names that a container is given and that nothing in it reads: not the node, not another variable, not its own command or script. */
export async function unreadVariableProblems(
  objects: readonly KubeObject[],
  secrets: readonly KubeObject[],
): Promise<string[]> {
  const scripts = ofKind<IConfigMap>(objects, "ConfigMap").flatMap(({ data = {} }) =>
    Object.entries(data).filter(([name]) => name.endsWith(".mjs")),
  );
  const problems = workloadsOf(objects).flatMap((workload) =>
    containersOf(workload).map(async (container) => {
      const variables = variablesOf(container, objects, secrets);
      const command = [...(container.command ?? []), ...(container.args ?? [])].join("\n");
      const own = scripts.filter(([name]) => command.includes(name)).map(([, text]) => text);
      const texts = [command, ...own, ...(container.env ?? []).map(({ value = "" }) => value)].join("\n");
      const runsNode = isNode(container) || own.some((text) => text.includes("bitcoind"));
      const read = runsNode ? await namesReadByNode(variables) : new Set<string>();
      return Object.keys(variables)
        .filter((name) => !read.has(name) && !new RegExp(`\\b${name}\\b`).test(texts))
        .map((name) => `${workload.name}: nothing reads ${name}.`);
    }),
  );
  return (await Promise.all(problems)).flat();
}

/** Whether it runs the node itself: the image's own command, or arguments that begin with it. */
export const isNode = ({ image = "", command, args }: IContainer) =>
  image.includes("blockchain-node") && command === undefined && (args === undefined || args[0] === "bitcoind");

/** Names of variables that the node looks at when it is given these. */
async function namesReadByNode(variables: Variables): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const watched = new Proxy(variables, {
    get: (target, name) => {
      if (typeof name === "string") names.add(name);
      return target[name as string];
    },
  });
  await readVariables(watched);
  return names;
}

const readVariables = (variables: Variables, args: readonly string[] = []): Promise<ContainerStart> =>
  readContainer(variables, args, noLookup, new AbortController().signal);

const noLookup = () => {
  throw new Error("A pod knows its number by its name, and looks nothing up.");
};

const MACHINE = { defaultDataDir: tmpdir(), workingDir: tmpdir() };

/** Why the node would not start with what a pod gives it: read as the node reads it, up to where it opens its files. */
export async function startProblems(objects: readonly KubeObject[], secrets: readonly KubeObject[]): Promise<string[]> {
  const problems = nodesOf(objects).map(async ({ workload, container }) => {
    try {
      const { variables, start, config } = await configOf(container, objects, secrets);
      if (config === undefined) return [`${workload.name} does not run a node.`];
      checkMiningAddress(variables, start.instance, config.mining.address, config.network.addressPrefixes);
      const fit = memoryProblem(config, quantity(container.resources?.limits?.memory ?? "0"));
      return [...start.warnings, ...config.warnings, ...fit].map((warning) => `${workload.name}: ${warning}`);
    } catch (error) {
      if (error instanceof ConfigError) return [`${workload.name}: ${error.message}`];
      throw error;
    }
  });
  return (await Promise.all(problems)).flat();
}

async function configOf(container: IContainer, objects: readonly KubeObject[], secrets: readonly KubeObject[]) {
  const inPlace = { NODE_DATA_DIR: tmpdir(), NODE_WALLET_DIR: tmpdir() };
  const variables = { ...OF_IMAGE, ...variablesOf(container, objects, secrets), ...inPlace };
  const args = container.args?.slice(1) ?? [];
  const start = await readVariables(variables, args);
  const outcome = readConfig([...start.args, ...args], MACHINE, "0");
  return { variables, start, config: outcome.action === "run" ? outcome.config : undefined };
}

export function nodesOf(objects: readonly KubeObject[]): { workload: Workload; container: IContainer }[] {
  return workloadsOf(objects).flatMap((workload) =>
    containersOf(workload)
      .filter(isNode)
      .map((container) => ({ workload, container })),
  );
}
