import { Resolver } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { type ContainerName, containerNameOf } from "./instance.ts";

/** The network may learn of a container a moment after it has started. */
const FIND_TIMEOUT_MS = 8_000;
const FIND_PAUSE_MS = 250;
const QUERY_TIMEOUT_MS = 1_000;

/** Who is asked for the names of addresses, and when it is given up. */
export interface ContainerLookup {
  readonly addresses: () => readonly string[];
  /** Names of an `….arpa` domain. Rejects where there are none. */
  readonly resolvePtr: (domain: string) => Promise<readonly string[]>;
  readonly timeoutMs: number;
}

/**
 * The name that the container's network has for it, by a reverse lookup of its own addresses, tried again for some seconds. `undefined`
 * where nothing that is found is a container of the service. Rejects where `signal` ends it.
 */
export async function findContainer(
  service: string,
  lookup: ContainerLookup,
  signal: AbortSignal,
): Promise<ContainerName | undefined> {
  const deadline = performance.now() + lookup.timeoutMs;
  for (;;) {
    for (const address of lookup.addresses()) {
      const names = await unlessAborted(lookup.resolvePtr(arpaName(address)).catch(noNames), signal);
      for (const name of names) {
        const container = containerNameOf(name, service);
        if (container !== undefined) return container;
      }
    }
    if (performance.now() >= deadline) return undefined;
    await unlessAborted(new Promise((resume) => setTimeout(resume, FIND_PAUSE_MS)), signal);
  }
}

/** Of this machine. `/etc/hosts` is not read: Docker writes the container's short id there. */
export function machineLookup(servers?: readonly string[]): ContainerLookup {
  const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  return {
    addresses: ownAddresses,
    // c-ares asks for the name as it is; `reverse` would look into /etc/hosts first.
    resolvePtr: (domain) => resolver.resolvePtr(domain),
    timeoutMs: FIND_TIMEOUT_MS,
  };
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, address }) => !internal && !address.toLowerCase().startsWith("fe80:"))
    .map(({ address }) => address);
}

/** The domain under which the names of an address are: RFC 1035 section 3.5, RFC 3596 section 2.5. */
export function arpaName(address: string): string {
  if (isIPv4(address)) return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
  const [head = "", tail = ""] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...new Array<string>(missing).fill("0"), ...groups(tail)];
  const digits = all.map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa`;
}

const noNames = (): readonly string[] => [];

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
