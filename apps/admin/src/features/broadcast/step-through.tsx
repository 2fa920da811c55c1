import { StepForwardIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import { type ReactElement, type ReactNode, useState } from "react";
import type { StepThroughProps } from "./other-parts.ts";
import { failingInput } from "./reject-reasons.ts";
import { broadcastTexts } from "./texts.ts";

/** A refusal that a script is to blame for: the button that opens the debugger at the failure, and the debugger. */
export function useStepThrough(
  reason: string | null | undefined,
  stepThrough: (props: StepThroughProps) => ReactNode,
  run: Pick<StepThroughProps, "transactions" | "inputCount">,
): { readonly button: ReactElement | null; readonly walk: ReactNode } {
  const [isOpen, setIsOpen] = useState(false);
  const input = failingInput(reason ?? "");
  if (input === undefined) return { button: null, walk: null };
  return {
    button: (
      <Button
        variant="default"
        leftSection={<StepForwardIcon />}
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        {broadcastTexts.stepThrough}
      </Button>
    ),
    walk: isOpen && stepThrough({ ...run, input, onClose: () => setIsOpen(false) }),
  };
}
