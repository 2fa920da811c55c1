import type { ReactElement } from "react";
import { Notice } from "../../notice.tsx";
import { StepPage } from "../../step-page.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.unsupported;

/** Where the browser gives no place to keep a wallet in. */
export function UnsupportedScreen({ problem }: { readonly problem: string }): ReactElement {
  return (
    <StepPage title={texts.title}>
      <Notice tone="bad" role="alert">
        {problem}
      </Notice>
    </StepPage>
  );
}
