import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { type ReactElement, useEffect, useState } from "react";
import { Notice } from "../../notice.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.backup;

/** Says where the browser has not agreed to keep what this page stores. Looks without asking: some browsers would show a question. */
export function KeepingNotice(): ReactElement | null {
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
  return isKept ? null : (
    <Notice tone="warn" title={texts.notKeptTitle}>
      {texts.notKept}
    </Notice>
  );
}
