import { useState } from "react";

/** Those that were not there the last time: they slide in. Nothing does on the first showing. */
export function useEntering(ids: readonly string[] | undefined): ReadonlySet<string> {
  const [entering, setEntering] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState<readonly string[]>();
  if (ids !== undefined && ids[0] !== seen?.[0]) {
    const before = new Set(seen);
    setSeen(ids);
    if (seen !== undefined) setEntering(new Set(ids.filter((id) => !before.has(id))));
  }
  return entering;
}
