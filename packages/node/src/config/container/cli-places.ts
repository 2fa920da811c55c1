import type { SettingSources } from "../settings.ts";
import { notedContainer } from "./container-note.ts";
import { findContainer, machineLookup } from "./find-container.ts";
import { instanceOf, needsFolder, serviceToLookUp } from "./instance.ts";
import { networkArguments, placeArguments, placesInUse, placesOf } from "./places.ts";
import { type Environment, hasRole } from "./variables.ts";

/**
 * Options that lead a client to the node of its container, to stand before those of the command line, which thereby win. None where the
 * environment gives no role. Rejects with `ConfigError`.
 */
export async function containerTargetArguments(
  environment: Environment,
  commandLine: SettingSources,
): Promise<readonly string[]> {
  if (!hasRole(environment)) return [];
  const network = networkArguments(environment, commandLine);
  if (commandLine.commandLine.has("datadir")) return network;
  const needs = { folder: needsFolder(environment), turn: false, earlier: false };
  const service = serviceToLookUp(environment, needs);
  const found = service && (notedContainer(service) ?? (await lookUp(service)));
  const folder = needs.folder ? instanceOf(environment, needs, found || undefined).name : undefined;
  const places = placesOf(environment, folder).filter(({ option }) => option === "datadir");
  return [...network, ...placeArguments(placesInUse(places, commandLine))];
}

const lookUp = (service: string) => findContainer(service, machineLookup(), new AbortController().signal);
