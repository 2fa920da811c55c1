import { useNavigate, useRouter } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import type { SavedNetwork } from "../../session/records.ts";
import { useOpenState } from "../../session-provider.tsx";
import type { SetupStep } from "../../setup-search.ts";
import type { ShareDraft } from "./share-draft.ts";
import { texts } from "./texts.ts";

/** Of a new phrase. */
export type WordCount = 12 | 24;

/** What is chosen on the way, and is gone with a reload: words that nobody confirmed are stored nowhere. */
export interface Draft {
  /** One for each length that was looked at, so that who looks at the other one finds the words again that they may have written down. */
  readonly phrases: Readonly<Partial<Record<WordCount, string>>>;
  /** Of the phrase that is shown, checked and stored. */
  readonly wordCount: WordCount;
  readonly networkId: string | undefined;
  /** Of a wallet that several are to share. */
  readonly share: ShareDraft | undefined;
}

export interface Setup {
  readonly draft: Draft;
  change(change: Partial<Draft> | ((before: Draft) => Partial<Draft>)): void;
  /** To another step. `replaces`: Back does not lead to this one again, since what it did is done. */
  go(step: SetupStep | undefined, how?: { readonly replaces?: boolean }): void;
  back(): void;
  /** To the wallet that is there now. */
  finish(): void;
}

/** The way through the steps. Each step is an entry of the browser's history. */
export function useSetup(): Setup {
  const navigate = useNavigate();
  const router = useRouter();
  const [draft, setDraft] = useState<Draft>({
    phrases: {},
    wordCount: 12,
    networkId: undefined,
    share: undefined,
  });
  /** Steps gone forward here, so that Back does not lead out of the app. */
  const depth = useRef(0);
  return useMemo(
    () => ({
      draft,
      change: (change) =>
        setDraft((before) => ({ ...before, ...(typeof change === "function" ? change(before) : change) })),
      go: (step, { replaces = false } = {}) => {
        if (!replaces) depth.current += 1;
        void navigate({ to: "/setup", search: step === undefined ? {} : { step }, replace: replaces });
      },
      back: () => {
        if (depth.current > 0) {
          depth.current -= 1;
          router.history.back();
        } else {
          void navigate({ to: "/setup", search: {}, replace: true });
        }
      },
      finish: () => void navigate({ to: "/", replace: true }),
    }),
    [draft, navigate, router],
  );
}

/** The network that a new wallet is of: the chosen one, else that of the wallet on screen, else the first. */
export function useChosenNetwork(draft: Draft): SavedNetwork | undefined {
  const { networks, account } = useOpenState();
  const id = draft.networkId ?? account?.wallet.networkId;
  return networks.find((one) => one.id === id) ?? networks[0];
}

/** What a further wallet is called until somebody says otherwise. */
export function useSuggestedName(): string {
  const { wallets } = useOpenState();
  return wallets.length === 0 ? texts.names.first : texts.names.next(wallets.length + 1);
}
