import { useMutation } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { useApi } from "../api-provider.tsx";
import classes from "./key-entry.module.css";
import { KeyEntry } from "./key-entry.tsx";
import { useAdminKey, useWalletKey } from "./keys-provider.tsx";
import { rememberKey } from "./remembered-keys.ts";
import type { EnteredKey } from "./run-with-key.ts";
import { keyTexts } from "./texts.ts";
import { tryKey } from "./try-key.ts";

/** Shows its content to who has the key, and the form for it to who has not: for pages that read what only a key opens. */
export function KeyGate({
  forRole: role,
  children,
}: {
  readonly forRole: "admin" | "wallet";
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
        forRole={role}
        problem={trial.error?.message}
        isBusy={trial.isPending}
        onEnter={(entered) => trial.mutate(entered)}
      />
    </section>
  );
}

/** Remembers a key that the node takes for the role. */
function useKeyTrial(role: "admin" | "wallet") {
  const api = useApi();
  return useMutation({
    mutationFn: ({ key }: EnteredKey) => tryKey(api, role, key),
    networkMode: "always",
    onSuccess: (_answer, { key, isKept }) => rememberKey(role, key, isKept),
  });
}
