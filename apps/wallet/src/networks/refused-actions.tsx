import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { textsOf } from "@bitfleet/ui/texts.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useOpenState, useSession } from "../session-provider.tsx";
import { lookAnewTexts, useLookAnew } from "./use-look-anew.ts";

const texts = textsOf({
  en: {
    accept: "Use this chain from now on",
    title: "Use this chain from now on?",
    text: (network: string) =>
      `Histories and heights of all wallets of ${network} are forgotten and looked up in the new chain. Keys, labels and contacts stay. If the network was not begun anew on purpose, do not do this: check which server answers.`,
    failed: "The chain could not be taken",
    retry: "Try again",
    settings: "Network settings",
  },
});

/** What can be done where the network of the account is refused: another one answers, it wants a key, has no index, or stays behind. */
export function RefusedActions({ isInSettings = false }: { readonly isInSettings?: boolean }): ReactElement | null {
  const session = useSession();
  const confirm = useConfirm();
  const lookAnew = useLookAnew();
  const { connection } = useOpenState();
  if (connection.kind !== "refused") return null;
  const accept = async () => {
    const text = texts.text(connection.network.name);
    if (!(await confirm({ title: texts.title, text, confirmLabel: texts.accept, isDangerous: true }))) return;
    await session.acceptOtherChain().catch((error: unknown) => toast.failure(texts.failed, error));
  };
  return (
    <>
      {connection.reason === "behind" && (
        <Button size="xs" onClick={() => void lookAnew(connection.network)}>
          {lookAnewTexts.label}
        </Button>
      )}
      {connection.reason === "other-chain" && (
        <Button size="xs" onClick={() => void accept()}>
          {texts.accept}
        </Button>
      )}
      <Button size="xs" variant="default" onClick={() => session.retryNow()}>
        {texts.retry}
      </Button>
      {!isInSettings && (
        <Button size="xs" variant="default" component={Link} to="/settings" hash="networks">
          {texts.settings}
        </Button>
      )}
    </>
  );
}
