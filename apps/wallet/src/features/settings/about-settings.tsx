import { Card } from "@bitfleet/ui/card.tsx";
import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import formClasses from "@bitfleet/ui/form.module.css";
import type { ReactElement } from "react";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.aboutApp;

export function AboutSettings(): ReactElement {
  return (
    <Card title={texts.title}>
      <dl className={formClasses.facts}>
        <div>
          <dt>{texts.version}</dt>
          <dd>{BITFLEET_VERSION}</dd>
        </div>
        <div>
          <dt>{texts.licence}</dt>
          <dd>MIT</dd>
        </div>
        <div>
          <dt>{texts.keys}</dt>
          <dd>{texts.keysText}</dd>
        </div>
      </dl>
      {desktopSession() === undefined && <p className={classes.hint}>{texts.install}</p>}
    </Card>
  );
}
