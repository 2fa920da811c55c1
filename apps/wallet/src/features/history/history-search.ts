import type { RawSearch } from "@bitfleet/ui/page-search.ts";
import { SHOWN_KINDS, type ShownKind } from "./find-entries.ts";

const FIND_LENGTH_MAX = 200;

/** What of the history is shown. */
export interface HistorySearch {
  readonly show?: ShownKind;
  readonly find?: string;
}

export function historySearch({ show, find }: RawSearch): HistorySearch {
  // Digits alone come as a number.
  const looked = typeof find === "string" || typeof find === "number" ? String(find) : "";
  const kind = SHOWN_KINDS.find((one) => one === show && one !== "all");
  return {
    ...(kind !== undefined && { show: kind }),
    ...(looked !== "" && looked.length <= FIND_LENGTH_MAX && { find: looked }),
  };
}
