import { PageHead } from "@bitfleet/ui/card.tsx";
import { LookSettings } from "@bitfleet/ui/look-settings.tsx";
import type { ReactElement } from "react";
import { AboutSettings } from "./about-settings.tsx";
import { BackupSettings } from "./backup-settings.tsx";
import { LabelsSettings } from "./labels-settings.tsx";
import { LockSettings } from "./lock-settings.tsx";
import { NetworkSettings } from "./network-settings.tsx";
import { ReceiveSettings } from "./receive-settings.tsx";
import { RemoveSettings } from "./remove-settings.tsx";
import classes from "./settings.module.css";
import { texts } from "./texts.ts";

/** What the reader chooses for this device. */
export function SettingsScreen(): ReactElement {
  return (
    <>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <div className={classes.parts}>
        <NetworkSettings />
        <LockSettings />
        <BackupSettings />
        <LabelsSettings />
        <ReceiveSettings />
        <LookSettings />
        <RemoveSettings />
        <AboutSettings />
      </div>
    </>
  );
}
