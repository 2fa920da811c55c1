import { PageHead } from "@bitfleet/ui/card.tsx";
import { type ReactElement, useEffect, useRef, useState } from "react";
import moneyClasses from "../../money/money.module.css";
import { Reachability } from "../../money/reachability.tsx";
import type { Account, KeySweep } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { FoundCard } from "./found-card.tsx";
import { KeyForm } from "./key-form.tsx";
import { texts } from "./texts.ts";

/** Brings what a private key has into the account. The key is in memory as long as the page is open, and nowhere else. */
export function SweepScreen(): ReactElement {
  const { id } = useAccount();
  return (
    <>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <div className={moneyClasses.parts}>
        <Reachability />
        <Sweeping key={id} />
      </div>
    </>
  );
}

function Sweeping(): ReactElement {
  const account = useAccount();
  const [sweep, setSweep] = useState<KeySweep>();
  const held = useRef<KeySweep>(undefined);
  const ending = useRef<AbortController>(undefined);
  const end = () => {
    ending.current?.abort();
    held.current?.end();
    held.current = undefined;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: with the page the key is gone
  useEffect(() => end, []);
  /** Why there is nothing, in a sentence. */
  const look = async (find: (signal: AbortSignal) => ReturnType<Account["sweepKey"]>) => {
    ending.current?.abort();
    const controller = new AbortController();
    ending.current = controller;
    const { signal } = controller;
    try {
      const found = await find(signal);
      if ("error" in found) return found.error;
      // Nobody waits for it any more.
      if (signal.aborted) found.end();
      else {
        held.current = found;
        setSweep(found);
      }
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      return error instanceof Error ? error.message : String(error);
    }
  };
  if (sweep === undefined) return <KeyForm onLook={(text) => look((signal) => account.sweepKey(text, signal))} />;
  return (
    <FoundCard
      sweep={sweep}
      onAgain={() => look((signal) => sweep.lookAgain(signal))}
      onOther={() => {
        end();
        setSweep(undefined);
      }}
    />
  );
}
