import type { ReactElement } from "react";
import { useIsKept } from "../../backup/use-is-kept.ts";
import { Notice } from "../../notice.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.backup;

/** Says where the browser has not agreed to keep what this page stores. */
export function KeepingNotice(): ReactElement | null {
  return useIsKept() ? null : (
    <Notice tone="warn" title={texts.notKeptTitle}>
      {texts.notKept}
    </Notice>
  );
}
