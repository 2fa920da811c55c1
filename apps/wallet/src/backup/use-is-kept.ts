import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { useEffect, useState } from "react";

/** Whether what this page stores stays: `false` where the browser has not agreed to that. Looks without asking: some browsers would show a question. */
export function useIsKept(): boolean {
  const [isKept, setIsKept] = useState(true);
  useEffect(() => {
    if (desktopSession() !== undefined) return;
    let isHere = true;
    const tell = (kept: boolean) => {
      if (isHere) setIsKept(kept);
    };
    Promise.resolve(navigator.storage?.persisted?.() ?? false).then(tell, () => tell(false));
    return () => {
      isHere = false;
    };
  }, []);
  return isKept;
}
