import { useNodeUrl } from "@bitfleet/ui/api-provider.tsx";
import { PageHead } from "@bitfleet/ui/card.tsx";
import { ExternalIcon } from "@bitfleet/ui/icons.tsx";
import { ErrorMessage, LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { CommandBar } from "./command-bar.tsx";
import type { Call } from "./command-line.ts";
import classes from "./console.module.css";
import { MethodForm } from "./method-form.tsx";
import { MethodList } from "./method-list.tsx";
import { useMethods, useRunCall } from "./queries.tsx";
import { Results } from "./results.tsx";
import { texts } from "./texts.ts";
import { WalletChoice } from "./wallet-choice.tsx";

const route = getRouteApi("/console");

/** Every call of JSON-RPC: found by name, filled in by its form, or written as a command line. */
export function ConsoleScreen(): ReactElement {
  const { method: name, wallet = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const nodeUrl = useNodeUrl();
  const methods = useMethods();
  const [line, setLine] = useState("");
  const callIt = useRunCall(methods.data ?? []);
  // Only calls of wallets are about one.
  const run = (call: Call) => {
    const isOfWallets = methods.data?.find((one) => one.name === call.method)?.needs_wallet === true;
    return callIt(isOfWallets && wallet !== "" && call.wallet === undefined ? { ...call, wallet } : call);
  };
  const chooseWallet = (next: string) => {
    const search = { ...(name !== undefined && { method: name }), ...(next !== "" && { wallet: next }) };
    void navigate({ to: "/console", search, resetScroll: false });
  };
  const method = methods.data?.find((one) => one.name === name);
  return (
    <>
      <PageHead
        title={texts.title}
        actions={
          <a className={classes.reference} href={`${nodeUrl}/swagger-ui`} target="_blank" rel="noreferrer">
            {texts.reference} <ExternalIcon />
          </a>
        }
      >
        {texts.about}
      </PageHead>
      <CommandBar methods={methods.data ?? []} line={line} onLine={setLine} onRun={run}>
        <WalletChoice value={wallet} onChoose={chooseWallet} />
      </CommandBar>
      <div className={classes.columns}>
        <div className={classes.side}>
          {methods.data !== undefined ? (
            <MethodList methods={methods.data} chosen={name} wallet={wallet} />
          ) : methods.error !== null ? (
            <ErrorMessage error={methods.error} onRetry={() => void methods.refetch()} />
          ) : (
            <LoadingRows count={12} height={30} label={texts.list.loading} />
          )}
        </div>
        <div className={classes.main}>
          {method !== undefined ? (
            <MethodForm key={method.name} method={method} onRun={run} onLine={setLine} />
          ) : name !== undefined && methods.data !== undefined ? (
            <Message title={texts.form.unknown(name)}>{texts.form.unknownHint}</Message>
          ) : (
            <p className={classes.note}>{texts.list.choose}</p>
          )}
          <Results onLine={setLine} />
        </div>
      </div>
    </>
  );
}
