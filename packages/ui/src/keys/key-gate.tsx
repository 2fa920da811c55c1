import { useMutation } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { useApi } from "../api-provider.tsx";
import classes from "./key-entry.module.css";
import { KeyEntry } from "./key-entry.tsx";
import { isKeyRefused } from "./key-errors.ts";
import { useAdminKey, useWalletKey } from "./keys-provider.tsx";
import { rememberKey } from "./remembered-keys.ts";
import type { EnteredKey } from "./run-with-key.ts";
import { keyTexts } from "./texts.ts";

/** Shows its content to who has the key, and the form for it to who has not: for pages that read what only a key opens. */
export function KeyGate({
  role,
  children,
}: {
  readonly role: "admin" | "wallet";
  readonly children: ReactNode;
}): ReactElement {
  const adminKey = useAdminKey();
  const walletKey = useWalletKey();
  const { isKnown } = role === "admin" ? adminKey : walletKey;
  const trial = useKeyTrial(role);
  if (isKnown) return <>{children}</>;
  return (
    <section className={classes.gate} aria-labelledby="key-gate-title">
      <h2 id="key-gate-title">{keyTexts.gateTitle(role)}</h2>
      <KeyEntry
        role={role}
        problem={trial.error?.message}
        isBusy={trial.isPending}
        onEnter={(entered) => trial.mutate(entered)}
      />
    </section>
  );
}

/** Remembers a key that the node takes for the role. */
export function useKeyTrial(role: "admin" | "wallet") {
  const api = useApi();
  return useMutation({
    mutationFn: async ({ key }: EnteredKey) => {
      const call = role === "admin" ? api.bans : api.wallets;
      await call({}, { apiKey: key }).catch((error: unknown) => {
        // A node without wallets, or one that is busy, has looked at the key all the same.
        if (isKeyRefused(error) || !hasAnswered(error)) throw error;
      });
    },
    networkMode: "always",
    onSuccess: (_answer, { key, isKept }) => rememberKey(role, key, isKept),
  });
}

function hasAnswered(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status !== 0 && error.status !== 429;
}
