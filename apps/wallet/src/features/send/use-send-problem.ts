import { useAccount, useOpenState } from "../../session-provider.tsx";
import { texts } from "./texts.ts";

/** Why nothing can be sent now; `undefined` where it can. A PSBT needs nobody's answer. */
export function useSendProblem(): string | undefined {
  const { connection } = useOpenState();
  const { signs } = useAccount();
  if (!signs) return undefined;
  switch (connection.kind) {
    case "live":
    case "scanning":
      return undefined;
    case "refused":
      return texts.problems.refused;
    default:
      return texts.problems.notReachable;
  }
}
