import { Card, PageHead } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { LoadingRows } from "@bitfleet/ui/states.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { type ReactElement, useEffect, useState } from "react";
import moneyClasses from "../../money/money.module.css";
import { dropPsbt, keepPsbt, keptPsbt } from "../../money/psbt-desk.ts";
import { useLongWork } from "../../money/work-bar.tsx";
import type { PsbtSummary } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { PassOnCard } from "./pass-on-card.tsx";
import { PsbtEntry } from "./psbt-entry.tsx";
import { SummaryCard } from "./summary-card.tsx";
import { texts } from "./texts.ts";

/** Opens, signs, combines, passes on and sends PSBTs. */
export function PsbtScreen(): ReactElement {
  const { id } = useAccount();
  return (
    <>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <Desk key={id} />
    </>
  );
}

function Desk(): ReactElement {
  const account = useAccount();
  const [summary, setSummary] = useState<PsbtSummary>();
  const [isOpening, setIsOpening] = useState(() => keptPsbt(account.id) !== undefined);
  const work = useLongWork();
  const combineWork = useLongWork();
  const show = (next: PsbtSummary | undefined) => {
    if (next === undefined) dropPsbt();
    else keepPsbt(account.id, next.psbt);
    setSummary(next);
  };
  // Read anew with the account, whose coins decide what is said of it.
  useEffect(() => {
    const kept = keptPsbt(account.id);
    if (kept === undefined) return;
    const ending = new AbortController();
    const { signal } = ending;
    account.readPsbt(kept, { signal }).then(
      (read) => {
        if (signal.aborted) return;
        setIsOpening(false);
        // Signed meanwhile, it is another one.
        if (!("error" in read) && keptPsbt(account.id) === kept) setSummary(read);
      },
      () => !signal.aborted && setIsOpening(false),
    );
    return () => ending.abort();
  }, [account]);

  const open = async (psbt: string | Uint8Array) => {
    const read = await work.run((watch) => account.readPsbt(psbt, watch));
    if ("error" in read) return read.error;
    show(read);
    return undefined;
  };
  const combine = async (psbt: string | Uint8Array) => {
    if (summary === undefined) return undefined;
    const other = await combineWork.run((watch) => account.readPsbt(psbt, watch));
    if ("error" in other) return other.error;
    show(await combineWork.run((watch) => account.combinePsbts([summary.psbt, other.psbt], watch)));
    toast.good(texts.combine.done);
    return undefined;
  };
  if (summary === undefined) {
    if (isOpening) return <LoadingRows count={3} height={60} label={texts.open.title} />;
    return (
      <Card title={texts.open.title}>
        <PsbtEntry label={texts.open.go} work={work} onPsbt={open} />
      </Card>
    );
  }
  return (
    <div className={moneyClasses.parts}>
      <SummaryCard summary={summary} work={work} onChange={show} />
      <div className={formClasses.columns}>
        <PassOnCard psbt={summary.psbt} />
        {!summary.isComplete && (
          <Card title={texts.combine.title}>
            <p className={formClasses.note}>{texts.combine.about}</p>
            <PsbtEntry label={texts.combine.go} work={combineWork} onPsbt={combine} />
          </Card>
        )}
      </div>
    </div>
  );
}
