import { useSearch } from "@tanstack/react-router";
import { type ReactElement, useEffect, useState } from "react";
import { useSessionState } from "../../session-provider.tsx";
import type { SetupStep } from "../../setup-search.ts";
import { BackupStep } from "./backup-step.tsx";
import { CheckStep } from "./check-step.tsx";
import { CompareStep } from "./compare-step.tsx";
import { KeepStep } from "./keep-step.tsx";
import { KindStep } from "./kind-step.tsx";
import { NetworkStep } from "./network-step.tsx";
import { PassphraseStep } from "./passphrase-step.tsx";
import { RestoreStep } from "./restore-step.tsx";
import { ShareStep } from "./share-step.tsx";
import { useSetup } from "./use-setup.ts";
import { WatchStep } from "./watch-step.tsx";
import { WelcomeStep } from "./welcome-step.tsx";
import { WordsStep } from "./words-step.tsx";

/** What is entered at these is not kept. */
const LATE_STEPS: readonly SetupStep[] = ["words", "restore", "watch", "share", "compare"];

/** From nothing to a wallet; and, where there is one, to a further one. */
export function OnboardingScreen(): ReactElement | null {
  const state = useSessionState();
  const { step: asked } = useSearch({ from: "/setup" });
  const setup = useSetup();
  const isOpen = state.kind === "open";
  const hasNetwork = isOpen && state.networks.length > 0;
  const step = stepOf(asked, isOpen, hasNetwork);
  // Opened there again, by Back from a wallet that was just made or after a lock: what was entered is gone, and new words would be taken for those on paper.
  const [isLate, setIsLate] = useState(isOpen && state.wallets.length > 0);
  const isOver = isLate && LATE_STEPS.some((late) => late === step);
  const { go } = setup;
  useEffect(() => {
    if (isOver) go(undefined, { replaces: true });
    else setIsLate(false);
  }, [isOver, go]);
  const hasPhrase = Object.keys(setup.draft.phrases).length > 0;
  const { change } = setup;
  // Words are there while they are shown and checked, and no longer.
  const needsPhrase = step === "words" || step === "check";
  useEffect(() => {
    if (!needsPhrase && hasPhrase) change({ phrases: {} });
  }, [needsPhrase, hasPhrase, change]);
  if (isOver) return null;
  switch (step) {
    case "welcome":
      return <WelcomeStep setup={setup} />;
    case "passphrase":
      return <PassphraseStep setup={setup} />;
    case "backup":
      return <BackupStep setup={setup} />;
    case "network":
      return <NetworkStep setup={setup} />;
    case "kind":
      return <KindStep setup={setup} />;
    case "words":
      return <WordsStep setup={setup} />;
    case "check":
      return <CheckStep setup={setup} />;
    case "restore":
      return <RestoreStep setup={setup} />;
    case "watch":
      return <WatchStep setup={setup} />;
    case "share":
      return <ShareStep setup={setup} />;
    case "compare":
      return <CompareStep setup={setup} />;
    case "keep":
      return <KeepStep setup={setup} />;
  }
}

/** The step that was asked for where it can be done now, else the first that is left to do. */
function stepOf(asked: SetupStep | undefined, isOpen: boolean, hasNetwork: boolean): SetupStep | "welcome" {
  if (!isOpen) return asked === "passphrase" || asked === "backup" ? asked : "welcome";
  if (!hasNetwork) return "network";
  return asked === undefined || asked === "passphrase" || asked === "backup" ? "kind" : asked;
}
