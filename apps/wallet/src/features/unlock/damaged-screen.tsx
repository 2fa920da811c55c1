import { Message } from "@bitfleet/ui/states.tsx";
import type { ReactElement } from "react";

export function DamagedScreen({ problem }: { readonly problem: string }): ReactElement {
  return (
    <Message level={1} title="What is kept here cannot be read">
      {problem}
    </Message>
  );
}
