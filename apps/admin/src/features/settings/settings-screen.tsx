import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";
import { useShellExtras } from "../../shell/extras.ts";
import { ConnectionSettings } from "./connection-settings.tsx";
import { KeySettings } from "./key-settings.tsx";
import { ExplorerLook } from "./look-settings.tsx";
import classes from "./settings.module.css";
import { texts } from "./texts.ts";

/** What the reader chooses for this browser. */
export function SettingsScreen(): ReactElement {
  const extras = useShellExtras();
  return (
    <>
      <PageHead title={texts.title}>{extras.settings === undefined ? texts.about : texts.aboutDesktop}</PageHead>
      <div className={classes.parts}>
        <ExplorerLook />
        <KeySettings />
        {extras.settings ?? <ConnectionSettings />}
      </div>
    </>
  );
}
