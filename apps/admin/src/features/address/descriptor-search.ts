/** What the address of the page of descriptors says. */
export interface DescriptorSearch {
  /** What was entered: a descriptor, several one a line, or an extended public key. */
  readonly d?: string;
  /** Unused indexes in a row, behind which the search ends; 20 where absent. */
  readonly gap?: number;
}

const LENGTH_MAX = 20_000;
const GAP_MAX = 200;

export function descriptorSearch(raw: Readonly<Record<string, unknown>>): DescriptorSearch {
  const gap = Number(raw.gap);
  const text = typeof raw.d === "string" || typeof raw.d === "number" ? String(raw.d) : "";
  return {
    ...(text !== "" && text.length <= LENGTH_MAX && { d: text }),
    ...(Number.isSafeInteger(gap) && gap >= 1 && gap <= GAP_MAX && { gap }),
  };
}
