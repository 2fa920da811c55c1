import { useEffect, useState } from "react";
import type { Account, FeeChoices } from "../session/account.ts";

/** Asked again so often, and with every block. */
const RENEW_MS = 30_000;

/** `choices` of the latest answer; `problem`: why the latest question had none. Both are absent while the first is on its way. */
export interface AskedFees {
  readonly choices?: FeeChoices | undefined;
  readonly problem?: string | undefined;
}

/** What others pay, as long as it is on screen. */
export function useFeeChoices(account: Account): AskedFees {
  const [asked, setAsked] = useState<AskedFees>({});
  const [round, setRound] = useState(0);
  const { id, knownHeight } = account;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the account is another object with each change of it, which is no reason to ask
  useEffect(() => {
    let isOver = false;
    account.feeChoices().then(
      (choices) => !isOver && setAsked({ choices }),
      (error: unknown) =>
        !isOver &&
        setAsked((before) => ({ ...before, problem: error instanceof Error ? error.message : String(error) })),
    );
    const timer = setTimeout(() => setRound((before) => before + 1), RENEW_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [id, knownHeight, round]);
  return asked;
}
