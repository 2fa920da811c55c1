import { type ChainSource, type ServerFacts, SourceProblem } from "./chain-source.ts";
import { esploraSource } from "./esplora-source.ts";
import type { SourceDependencies } from "./server-place.ts";
import { watchSource } from "./watch-source.ts";

/** Finding out what answers at an address that a person gave. */

export interface Connected {
  readonly source: ChainSource;
  readonly facts: ServerFacts;
}

/** Time until a server has said what it is. */
const CONNECT_TIMEOUT_MS = 20_000;
/** Where Esplora's routes are below an address: there, where Bitfleet has them, and where other explorers do. */
const ESPLORA_PATHS = ["", "/esplora", "/api"] as const;

/** The address without what it may be written with: spaces, a slash at its end, no scheme. "" stays so. */
export function normalizedUrl(url: string): string {
  const bare = url.trim().replace(/\/+$/, "");
  if (bare === "" || /^[a-z]+:\/\//i.test(bare)) return bare;
  const isNear = /^(localhost|127\.|\[::1\]|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|[^./]+(:\d+)?$)/i.test(bare);
  return `${isNear ? "http" : "https"}://${bare}`;
}

/**
 * Connects to a server: by Bitfleet's routes where it has them, else by Esplora's. Rejects with `SourceProblem`: why it is of no use, or does
 * not answer.
 */
export async function connect(
  place: { readonly url: string; readonly apiKey: string },
  deps: SourceDependencies,
  signal: AbortSignal,
): Promise<Connected> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]);
  const baseUrl = normalizedUrl(place.url);
  try {
    if (baseUrl !== "") new URL(baseUrl);
  } catch {
    throw new SourceProblem("not-a-server", `"${place.url}" is no address of a server: http://localhost:8080 is one.`);
  }
  try {
    return await found({ baseUrl, apiKey: place.apiKey }, deps, either);
  } catch (error) {
    signal.throwIfAborted();
    if (either.aborted) throw new SourceProblem("offline", "The server did not answer in time.", { cause: error });
    throw error;
  }
}

async function found(
  place: { readonly baseUrl: string; readonly apiKey: string },
  deps: SourceDependencies,
  signal: AbortSignal,
): Promise<Connected> {
  const own = watchSource(place, deps);
  const problem = await attempt(async () => {
    const facts = await own.facts(signal);
    const hasRoutes = await own.isServed(signal);
    return hasRoutes ? { source: own, facts } : undefined;
  });
  if (problem.connected !== undefined) return problem.connected;
  // Only what may be another kind of server is asked as one.
  if (problem.error !== undefined && problem.error.kind !== "not-a-server") throw problem.error;
  for (const path of ESPLORA_PATHS) {
    const source = esploraSource({ ...place, baseUrl: place.baseUrl + path }, deps);
    const tried = await attempt(async () => ({ source, facts: await source.facts(signal) }));
    if (tried.connected !== undefined) return tried.connected;
    if (tried.error !== undefined && tried.error.kind !== "not-a-server") throw tried.error;
  }
  throw new SourceProblem(
    "not-a-server",
    `What answers at ${place.baseUrl || "this address"} is neither a Bitfleet web server nor an Esplora server. Give the address of one, like http://localhost:8080.`,
  );
}

async function attempt(
  make: () => Promise<Connected | undefined>,
): Promise<{ readonly connected?: Connected | undefined; readonly error?: SourceProblem }> {
  try {
    return { connected: await make() };
  } catch (error) {
    if (error instanceof SourceProblem) return { error };
    throw error;
  }
}
