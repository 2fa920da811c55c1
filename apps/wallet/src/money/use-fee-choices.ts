import { useEffect, useState } from "react";
import type { Account, FeeChoices } from "../session/account.ts";
import { useOpenState } from "../session-provider.tsx";

/** Asked again so often, and with every block. */
const RENEW_MS = 30_000;

/** `choices` of the latest answer; `problem`: why the latest question had none. Both are absent while the first is on its way. */
export interface AskedFees {
  readonly choices?: FeeChoices | undefined;
  readonly problem?: string | undefined;
}

/** What others pay now, or why that is not known. */
export function askFees(account: Account): Promise<AskedFees> {
  return account.feeChoices().then(
    (choices) => ({ choices, problem: undefined }),
    (error: unknown) => ({ problem: error instanceof Error ? error.message : String(error) }),
  );
}

/** What others pay, as long as it is on screen. */
export function useFeeChoices(account: Account): AskedFees {
  const [asked, setAsked] = useState<AskedFees>({});
  const [round, setRound] = useState(0);
  const { connection } = useOpenState();
  const { id, knownHeight } = account;
  // Nobody can be asked before it is known who: where it ends otherwise, the answer says why there is none.
  const isConnecting = connection.kind === "connecting";
  // biome-ignore lint/correctness/useExhaustiveDependencies: the account is another object with each change of it, which is no reason to ask
  useEffect(() => {
    if (isConnecting) return;
    let isOver = false;
    void askFees(account).then((answer) => !isOver && setAsked((before) => ({ choices: before.choices, ...answer })));
    const timer = setTimeout(() => setRound((before) => before + 1), RENEW_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [id, knownHeight, isConnecting, round]);
  return asked;
}
