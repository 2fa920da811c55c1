import { useTheme } from "@bitfleet/ui/theme-provider.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useUnitChoice } from "@bitfleet/ui/units.tsx";
import { useNavigate } from "@tanstack/react-router";
import { useOpenState, useSession } from "../session-provider.tsx";
import { shellTexts } from "./texts.ts";

/** Something that the palette does. */
export interface Command {
  readonly title: string;
  /** Further words that it is found by. */
  readonly keywords: string;
  readonly run: () => void;
}

const texts = shellTexts.actions;

/** What can be done from every page: lock, another look, another account. */
export function useCommands(): readonly Command[] {
  const session = useSession();
  const { wallets, account: active } = useOpenState();
  const theme = useTheme();
  const navigate = useNavigate();
  const { unit, choose } = useUnitChoice();
  const otherTheme = theme.shown === "dark" ? "light" : "dark";
  const otherUnit = unit === "BTC" ? "sats" : "BTC";
  const accounts = wallets.flatMap((wallet) =>
    wallet.accounts
      .filter(({ id }) => id !== active?.id)
      .map((account) => ({
        title: texts.account(wallet.name, account.name),
        keywords: "switch wallet account",
        run: () =>
          void session
            .activateAccount(account.id)
            .catch((error: unknown) => toast.failure(shellTexts.switcher.failed, error)),
      })),
  );
  return [
    { title: texts.lock, keywords: "close leave", run: () => session.lock() },
    { title: texts.theme(otherTheme), keywords: "dark light colour mode", run: () => theme.choose(otherTheme) },
    { title: texts.unit(otherUnit), keywords: "satoshis bitcoin unit currency", run: () => choose(otherUnit) },
    {
      title: texts.share,
      keywords: "multisig shared several signers cosigner wallet",
      run: () => void navigate({ to: "/setup", search: { step: "share" } }),
    },
    { title: texts.add, keywords: "create restore watch wallet new", run: () => void navigate({ to: "/setup" }) },
    ...(active === undefined
      ? []
      : [
          {
            title: texts.sweep,
            keywords: "wif private key paper wallet import sweep redeem voucher",
            run: () => void navigate({ to: "/sweep" }),
          },
        ]),
    { title: texts.retry, keywords: "network server connection again", run: () => session.retryNow() },
    ...accounts,
  ];
}
