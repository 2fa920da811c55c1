import {
  createContext,
  type ReactElement,
  type ReactNode,
  use,
  useCallback,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { Dialog } from "../dialog/dialog.tsx";
import { KeyEntry } from "./key-entry.tsx";
import type { KeyRole } from "./key-store.ts";
import { forgetKey, rememberedKey, rememberKey, watchKeys } from "./remembered-keys.ts";
import { type EnteredKey, runWithKey } from "./run-with-key.ts";

type Ask = (role: KeyRole, problem: string | undefined) => Promise<EnteredKey | undefined>;

const AskContext = createContext<Ask | undefined>(undefined);

interface Asked {
  readonly role: KeyRole;
  readonly problem: string | undefined;
  readonly answer: (entered: EnteredKey | undefined) => void;
}

/** Lets everything below it act with a key, which is asked for in a dialog where it is not known. */
export function KeysProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [asked, setAsked] = useState<Asked>();
  const ask = useCallback<Ask>(
    (role, problem) =>
      new Promise((resolve) => {
        setAsked((before) => {
          before?.answer(undefined);
          return { role, problem, answer: resolve };
        });
      }),
    [],
  );
  const answer = (entered: EnteredKey | undefined) => {
    asked?.answer(entered);
    setAsked(undefined);
  };
  return (
    <AskContext value={ask}>
      {children}
      <Dialog
        isOpen={asked !== undefined}
        onClose={() => answer(undefined)}
        title={asked === undefined ? "" : `The ${asked.role} key is needed`}
        size="small"
        isModalOnly
      >
        {asked !== undefined && (
          <KeyEntry forRole={asked.role} problem={asked.problem} onEnter={answer} onCancel={() => answer(undefined)} />
        )}
      </Dialog>
    </AskContext>
  );
}

/** How something is done that takes a key. */
export interface KeyAccess {
  /** "" while none is known: for the `enabled` and the `apiKey` of queries. */
  readonly key: string;
  readonly isKnown: boolean;
  /**
   * `run((apiKey) => api.setMining(change, { apiKey }))`: asks for the key where none is known, and again where it is refused (401, 403),
   * then repeats the action. Rejects with `KeyNotGiven` where the reader gives none.
   */
  run<T>(action: (apiKey: string) => Promise<T>): Promise<T>;
  /** A query was refused for its key: it is asked for anew. */
  forget(): void;
}

/** The key for calls under /api/admin. */
export const useAdminKey = (): KeyAccess => useKey("admin");

/** The key for calls under /api/wallet: the wallet's, or the admin's where that is known. */
export const useWalletKey = (): KeyAccess => useKey("wallet");

function useKey(role: KeyRole): KeyAccess {
  const ask = use(AskContext);
  if (ask === undefined) throw new Error("a key outside of KeysProvider");
  const key = useSyncExternalStore(watchKeys, () => rememberedKey(role));
  return useMemo(
    () => ({
      key,
      isKnown: key !== "",
      run: (action) =>
        runWithKey(
          {
            known: () => rememberedKey(role),
            remember: (entered) => rememberKey(role, entered.key, entered.isKept),
            forget: () => forgetKey(role),
            ask: (problem) => ask(role, problem),
          },
          action,
        ),
      forget: () => forgetKey(role),
    }),
    [ask, key, role],
  );
}
