import { useSearch } from "@tanstack/react-router";
import { type ReactElement, useEffect } from "react";
import { useSessionState } from "../../session-provider.tsx";
import type { SetupStep } from "../../setup-search.ts";
import { BackupStep } from "./backup-step.tsx";
import { CheckStep } from "./check-step.tsx";
import { KindStep } from "./kind-step.tsx";
import { NetworkStep } from "./network-step.tsx";
import { PassphraseStep } from "./passphrase-step.tsx";
import { RestoreStep } from "./restore-step.tsx";
import { useSetup } from "./use-setup.ts";
import { WatchStep } from "./watch-step.tsx";
import { WelcomeStep } from "./welcome-step.tsx";
import { WordsStep } from "./words-step.tsx";

/** From nothing to a wallet; and, where there is one, to a further one. */
export function OnboardingScreen(): ReactElement {
  const state = useSessionState();
  const { step: asked } = useSearch({ from: "/setup" });
  const setup = useSetup();
  const isOpen = state.kind === "open";
  const hasNetwork = isOpen && state.networks.length > 0;
  const step = stepOf(asked, isOpen, hasNetwork);
  const hasPhrase = Object.keys(setup.draft.phrases).length > 0;
  const { change } = setup;
  // Words are there while they are shown and checked, and no longer.
  const needsPhrase = step === "words" || step === "check";
  useEffect(() => {
    if (!needsPhrase && hasPhrase) change({ phrases: {} });
  }, [needsPhrase, hasPhrase, change]);
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
  }
}

/** The step that was asked for where it can be done now, else the first that is left to do. */
function stepOf(asked: SetupStep | undefined, isOpen: boolean, hasNetwork: boolean): SetupStep | "welcome" {
  if (!isOpen) return asked === "passphrase" || asked === "backup" ? asked : "welcome";
  if (!hasNetwork) return "network";
  return asked === undefined || asked === "passphrase" || asked === "backup" ? "kind" : asked;
}
