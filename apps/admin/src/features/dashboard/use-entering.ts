import { useState } from "react";

/** More at once are a chain that is being fetched: what slid in would be gone before it is there. */
const ENTERING_MAX = 3;

/** Those that were not there the last time: they slide in. Nothing does on the first showing, nor where many come at once. */
export function useEntering(ids: readonly string[] | undefined): ReadonlySet<string> {
  const [entering, setEntering] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState<readonly string[]>();
  if (ids !== undefined && ids[0] !== seen?.[0]) {
    const before = new Set(seen);
    setSeen(ids);
    if (seen !== undefined) {
      const added = ids.filter((id) => !before.has(id));
      setEntering(new Set(added.length > ENTERING_MAX ? [] : added));
    }
  }
  return entering;
}
