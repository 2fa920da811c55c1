import { createContext, type ReactElement, type ReactNode, use, useSyncExternalStore } from "react";
import type { Account } from "./session/account.ts";
import type { OpenState, Session, SessionState } from "./session/session.ts";

const SessionContext = createContext<Session | undefined>(undefined);

/** Gives everything below it the session. */
export function SessionProvider({
  session,
  children,
}: {
  readonly session: Session;
  readonly children: ReactNode;
}): ReactElement {
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** What can be done. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (session === undefined) throw new Error("useSession outside of SessionProvider");
  return session;
}

/** What is so now; drawn again with every change. */
export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(
    (listener) => session.subscribe(listener),
    () => session.state,
  );
}

/** The state of an open vault. For what is shown while it is open alone: the gate sees to that, and elsewhere this throws. */
export function useOpenState(): OpenState {
  const state = useSessionState();
  if (state.kind !== "open") throw new Error("useOpenState where the vault is not open");
  return state;
}

/** The account that is on screen. Pages of the table have one, since they are shown while there is a wallet; elsewhere this throws. */
export function useAccount(): Account {
  const { account } = useOpenState();
  if (account === undefined) throw new Error("useAccount where there is no wallet");
  return account;
}

/** The chain of the account's network, as the protocol calls it. */
export function useChain(): string {
  const { wallet } = useAccount();
  const { networks } = useOpenState();
  return networks.find(({ id }) => id === wallet.networkId)?.chain ?? "";
}
