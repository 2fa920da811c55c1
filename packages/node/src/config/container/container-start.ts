import { makeDirectory } from "../../storage/make-directory.ts";
import { environmentArguments, environmentWarnings, nodeToWaitFor } from "../environment.ts";
import { loadCommandLine } from "../files.ts";
import { ConfigError } from "../settings.ts";
import { type ContainerLookup, findContainer } from "./find-container.ts";
import {
  type ContainerName,
  type Instance,
  instanceNeeds,
  instanceOf,
  LONE_INSTANCE,
  serviceToLookUp,
} from "./instance.ts";
import { networkArguments, type Place, placeArguments, placesInUse, placesOf } from "./places.ts";
import { type Environment, hasRole } from "./variables.ts";
import type { EarlierNode } from "./wait-for-earlier.ts";

/** What the environment of a container has to say to a node that starts. */
export interface ContainerStart {
  /** To stand before those of the command line. */
  readonly args: readonly string[];
  readonly warnings: readonly string[];
  readonly instance: Instance;
  readonly places: readonly Place[];
  /** Whom it waits for before it starts. */
  readonly earlier: EarlierNode | undefined;
  /** What the network calls it, where that had to be looked up. */
  readonly found: { readonly service: string; readonly name: ContainerName } | undefined;
}

/** Reads it, and finds out which instance this is where that matters. Rejects with `ConfigError`, and where `signal` ends it. */
export async function readContainer(
  environment: Environment,
  words: readonly string[],
  lookup: () => ContainerLookup,
  signal: AbortSignal,
): Promise<ContainerStart> {
  const warnings = environmentWarnings(environment);
  if (!hasRole(environment))
    return { args: [], warnings, instance: LONE_INSTANCE, places: [], earlier: undefined, found: undefined };
  const needs = instanceNeeds(environment);
  const service = serviceToLookUp(environment, needs);
  // What is wrong with the rest is said at once, and not after the lookup.
  if (service !== undefined) environmentArguments(environment);
  const found = service === undefined ? undefined : await findContainer(service, lookup(), signal);
  const instance = instanceOf(environment, needs, found);
  const commandLine = loadCommandLine(words);
  const places = placesInUse(placesOf(environment, needs.folder ? instance.name : undefined), commandLine);
  return {
    args: [
      ...networkArguments(environment, commandLine),
      ...placeArguments(places),
      ...environmentArguments(environment, instance),
    ],
    warnings,
    instance,
    places,
    earlier: nodeToWaitFor(environment, instance),
    found: service === undefined || found === undefined ? undefined : { service, name: found },
  };
}

/** Makes the directories that are missing, for their owner alone where the process keeps to that. Throws {@link ConfigError}. */
export function makePlaces(places: readonly Place[]): void {
  for (const { variable, path } of places) {
    try {
      makeDirectory(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ConfigError(
        `The directory ${path} of ${variable} cannot be made (${code}): mount a volume there that user ${process.getuid?.()} may write to.`,
      );
    }
  }
}
