import { shortHash } from "@bitfleet/ui/format.ts";
import type { HistoryEntry } from "../session/account.ts";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.what;

/** Characters left at both ends of an address in a line. */
const EDGE_COUNT = 9;

/** Who paid whom, in a line: by the label where there is one. */
export function entryName(entry: Pick<HistoryEntry, "direction" | "addresses" | "label">): string {
  const { direction, addresses, label } = entry;
  if (direction === "mined") return label === "" ? texts.mined : `${texts.mined}: ${label}`;
  if (direction === "self") return label === "" ? texts.self : label;
  if (label !== "") return label;
  const [first, ...others] = addresses;
  const name = first === undefined ? texts.noAddress : shortHash(first, EDGE_COUNT);
  const names = others.length === 0 ? name : texts.others(name, others.length);
  return direction === "out" ? texts.to(names) : texts.at(names);
}
