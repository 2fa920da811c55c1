import { tabSearch } from "@bitfleet/ui/page-search.ts";

/** What the address of the page of the network says. */
export interface NetworkSearch {
  readonly tab?: string;
  readonly direction?: "inbound" | "outbound";
  readonly filter?: string;
  /** Number of the connection whose details are open. */
  readonly peer?: number;
  /** Name of the node whose log is open. */
  readonly log?: string;
}

const FILTER_LENGTH_MAX = 100;

/** Takes what makes sense; the rest is as if it were not there. */
export function networkSearch(search: Readonly<Record<string, unknown>>): NetworkSearch {
  const { direction, filter, peer, log } = search;
  // A filter of digits alone comes as a number.
  const filterText = typeof filter === "string" || typeof filter === "number" ? String(filter) : "";
  return {
    ...tabSearch(search),
    ...((direction === "inbound" || direction === "outbound") && { direction }),
    ...(filterText !== "" && filterText.length <= FILTER_LENGTH_MAX && { filter: filterText }),
    ...(typeof peer === "number" && Number.isSafeInteger(peer) && peer >= 0 && { peer }),
    ...(typeof log === "string" && /^[a-z]+-[0-9]{1,4}$/.test(log) && { log }),
  };
}
