import { Choice } from "@bitfleet/ui/choice.tsx";
import { LookSettings } from "@bitfleet/ui/look-settings.tsx";
import type { ReactElement } from "react";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.look;

/** Theme, unit of amounts, language. */
export function ExplorerLook(): ReactElement {
  return (
    <LookSettings
      further={
        <Choice
          label={texts.language}
          hasLabel
          options={[{ value: "en", title: texts.english }]}
          value="en"
          onChoose={() => {}}
        />
      }
      note={<p className={classes.hint}>{texts.languageHint}</p>}
    />
  );
}
