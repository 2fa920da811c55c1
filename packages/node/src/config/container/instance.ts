import { ConfigError } from "../settings.ts";
import { type Environment, isMiner, listOf, textOf, yesOrNo } from "./variables.ts";

/**
 * Which one of its like a container is: of the pods of a StatefulSet by `POD_NAME`, of the containers of a Compose service by
 * `NODE_SERVICE` and the name that the container has in the network. Nobody is asked here.
 */

/** A container among those that run the same thing. */
export interface Instance {
  /** Counted from 0, of pods and of containers. */
  readonly index: number;
  /** `miner-2`: of pods counted from 0, in Compose from 1, as everywhere there; `undefined` where nobody says. */
  readonly name: string | undefined;
  /** The one before, where this one is to follow it. */
  readonly earlier: { readonly name: string; readonly host: string } | undefined;
}

/** One that is alone of its kind. */
export const LONE_INSTANCE: Instance = { index: 0, name: undefined, earlier: undefined };

/** What has to be known, beyond nothing. */
export interface InstanceNeeds {
  /** Its number, for a folder of its own. */
  readonly folder: boolean;
  /** Its number, for its address of a pool. */
  readonly turn: boolean;
  /** The one before. */
  readonly earlier: boolean;
}

/** What Docker calls a container of a Compose service: `<project>-<service>-<number>`, with `_` between in Compose's first version. */
export interface ContainerName {
  readonly project: string;
  readonly separator: string;
  /** Counted from 1. */
  readonly number: number;
}

type Clue =
  | { readonly kind: "pod"; readonly set: string; readonly number: number }
  | { readonly kind: "service"; readonly service: string; readonly number: number | undefined }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "none" };

/** What the variables make it necessary to know. Throws {@link ConfigError}. */
export function instanceNeeds(environment: Environment): InstanceNeeds {
  const isMining = isMiner(environment);
  const hasAddress = textOf(environment, "NODE_MINING_ADDRESS") !== undefined;
  return {
    folder: needsFolder(environment),
    turn: isMining && !hasAddress && listOf(environment.WALLET_ADDRESS_POOL).length > 1,
    earlier: isMining && listOf(environment.NODE_CONNECT_NODES).includes("local"),
  };
}

/** Whether each instance has a folder of its own. Throws {@link ConfigError}. */
export const needsFolder = (environment: Environment) => yesOrNo(environment, "NODE_INSTANCE_DIRS") === true;

/** Whether `POD_NAME` says which one of its set the pod is. Throws {@link ConfigError}. */
export const isNumberedPod = (environment: Environment) => clueOf(environment).kind === "pod";

/** The Compose service whose container's name has to be looked up, if that is so. Throws {@link ConfigError}. */
export function serviceToLookUp(environment: Environment, needs: InstanceNeeds): string | undefined {
  const clue = clueOf(environment);
  if (clue.kind !== "service") return undefined;
  const lacksNumber = clue.number === undefined && (needs.folder || needs.turn || needs.earlier);
  const lacksProject = clue.number !== undefined && clue.number > 1 && needs.earlier;
  return lacksNumber || lacksProject ? clue.service : undefined;
}

/** Reads `shop-miner-2.shop_default`, as the network names a container. `undefined` for what is no container of the service. */
export function containerNameOf(text: string, service: string): ContainerName | undefined {
  const name = service.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const match = new RegExp(`^(.+?)([-_])${name}\\2([1-9]\\d{0,8})(?:\\.|$)`).exec(text);
  return match === null ? undefined : { project: match[1]!, separator: match[2]!, number: Number(match[3]) };
}

/** Throws {@link ConfigError} where something that is needed is neither said nor found. */
export function instanceOf(environment: Environment, needs: InstanceNeeds, found: ContainerName | undefined): Instance {
  const clue = clueOf(environment);
  switch (clue.kind) {
    case "pod":
      return podInstance(environment, needs, clue.set, clue.number);
    case "service":
      return serviceInstance(needs, clue.service, clue.number ?? found?.number, found);
    case "number":
      if (needs.folder) throw unknownInstance(environment);
      if (needs.earlier && clue.number > 1) throw unknownEarlier(clue.number);
      return { ...LONE_INSTANCE, index: clue.number - 1 };
    case "none":
      if (needs.folder) throw unknownInstance(environment);
      return LONE_INSTANCE;
  }
}

function podInstance(environment: Environment, needs: InstanceNeeds, set: string, number: number): Instance {
  const own = { index: number, name: `${set}-${number}` };
  if (!needs.earlier || number === 0) return { ...own, earlier: undefined };
  const name = `${set}-${number - 1}`;
  const namespace = textOf(environment, "POD_NAMESPACE");
  if (namespace === undefined) {
    throw new ConfigError(
      `POD_NAMESPACE is needed beside POD_NAME: with NODE_CONNECT_NODES=local ${own.name} connects to ${name}, whose address has the namespace in it.`,
    );
  }
  const service = textOf(environment, "POD_SERVICE") ?? `${set}-headless`;
  const domain = textOf(environment, "CLUSTER_DOMAIN") ?? "cluster.local";
  return { ...own, earlier: { name, host: `${name}.${service}.${namespace}.svc.${domain}` } };
}

function serviceInstance(
  needs: InstanceNeeds,
  service: string,
  number: number | undefined,
  found: ContainerName | undefined,
): Instance {
  if (number === undefined) {
    if (needs.folder || needs.turn || needs.earlier) throw unknownNumber(service);
    return LONE_INSTANCE;
  }
  const own = { index: number - 1, name: `${service}-${number}` };
  if (!needs.earlier || number === 1) return { ...own, earlier: undefined };
  if (found === undefined) throw unknownEarlier(number);
  const name = `${service}-${number - 1}`;
  const host = [found.project, service, number - 1].join(found.separator);
  return { ...own, earlier: { name, host } };
}

/** Of pods, and of Compose: the name becomes that of a folder, and a part of a host's. */
const NAME = /^[A-Za-z0-9._-]{1,200}$/;

/** A pod of a StatefulSet has its number at the end of its name; that of a Deployment says nothing. */
function clueOf(environment: Environment): Clue {
  const pod = /^(.+)-(0|[1-9]\d{0,8})$/.exec(nameOf(environment, "POD_NAME") ?? "");
  if (pod !== null) return { kind: "pod", set: pod[1]!, number: Number(pod[2]) };
  const number = instanceNumberOf(environment);
  const service = nameOf(environment, "NODE_SERVICE");
  if (service !== undefined) return { kind: "service", service, number };
  return number === undefined ? { kind: "none" } : { kind: "number", number };
}

function nameOf(environment: Environment, variable: "POD_NAME" | "NODE_SERVICE"): string | undefined {
  const text = textOf(environment, variable);
  if (text === undefined || NAME.test(text)) return text;
  throw new ConfigError(
    `Invalid value '${text}' for ${variable}: a name of letters, digits, dots, dashes and underscores is expected.`,
  );
}

function instanceNumberOf(environment: Environment): number | undefined {
  const text = textOf(environment, "INSTANCE_NUMBER");
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ConfigError(`Invalid value '${text}' for INSTANCE_NUMBER: a whole number from 1 on is expected.`);
}

function unknownInstance(environment: Environment): ConfigError {
  const pod = textOf(environment, "POD_NAME");
  const reason =
    pod === undefined
      ? "set NODE_SERVICE (Compose) or POD_NAME (Kubernetes)"
      : `POD_NAME '${pod}' has no number at its end, as pods of a StatefulSet have it`;
  return new ConfigError(`NODE_INSTANCE_DIRS=yes needs to know which instance this is: ${reason}.`);
}

const unknownNumber = (service: string) =>
  new ConfigError(
    `The number of this container among those of the service ${service} (NODE_SERVICE) cannot be found by its address: set INSTANCE_NUMBER, counted from 1.`,
  );

const unknownEarlier = (number: number) =>
  new ConfigError(
    `INSTANCE_NUMBER=${number} with NODE_CONNECT_NODES=local means the instance before, whose name cannot be found by this container's address: name it in NODE_CONNECT_NODES, as host:port.`,
  );
