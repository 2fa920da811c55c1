import { useApi, useNodeUrl } from "@bitfleet/ui/api-provider.tsx";
import { copyText } from "@bitfleet/ui/copy-text.ts";
import { useTheme } from "@bitfleet/ui/theme-provider.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useUnitChoice } from "@bitfleet/ui/units.tsx";
import { walletAppUrl } from "@bitfleet/ui/wallet-app.ts";
import { useShowJson } from "./show-json.ts";
import { shellTexts } from "./texts.ts";

/** Something that the palette does. */
export interface Command {
  readonly title: string;
  /** Further words that it is found by. */
  readonly keywords: string;
  readonly run: () => void;
}

const texts = shellTexts.actions;

/** What can be done from every page. */
export function useCommands(): readonly Command[] {
  const api = useApi();
  const nodeUrl = useNodeUrl();
  const theme = useTheme();
  const { unit, choose } = useUnitChoice();
  const showJson = useShowJson();
  const otherTheme = theme.shown === "dark" ? "light" : "dark";
  const otherUnit = unit === "BTC" ? "sats" : "BTC";
  const walletApp = walletAppUrl(nodeUrl);
  const toWalletApp: Command[] =
    walletApp === undefined
      ? []
      : [{ title: texts.walletApp, keywords: "own keys self-custody phone", run: () => location.assign(walletApp) }];
  return [
    { title: texts.theme(otherTheme), keywords: "dark light colour mode", run: () => theme.choose(otherTheme) },
    { title: texts.unit(otherUnit), keywords: "satoshis bitcoin unit currency", run: () => choose(otherUnit) },
    { title: texts.json, keywords: "export save download answers api raw data", run: showJson },
    {
      title: texts.copyTip,
      keywords: "best block clipboard",
      run: async () => {
        try {
          const { last_block_hash: hash } = await api.blockchain();
          if (await copyText(hash)) toast.good(texts.copied, { text: hash });
          else toast.bad(texts.notCopied, { text: hash });
        } catch (error) {
          toast.failure(texts.failed, error);
        }
      },
    },
    ...toWalletApp,
  ];
}
