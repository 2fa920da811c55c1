import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { type ThemeChoice, useTheme } from "@bitfleet/ui/theme-provider.tsx";
import { UNITS, useUnitChoice } from "@bitfleet/ui/units.tsx";
import type { ReactElement } from "react";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.look;
const THEMES: readonly ThemeChoice[] = ["dark", "light", "auto"];

/** Theme and unit of amounts. */
export function LookSettings(): ReactElement {
  const theme = useTheme();
  const { unit, choose } = useUnitChoice();
  return (
    <Card title={texts.title}>
      <div className={classes.choices}>
        <Choice
          label={texts.theme}
          hasLabel
          options={THEMES.map((value) => ({ value, title: texts.themes[value] }))}
          value={theme.choice}
          onChoose={theme.choose}
        />
        <Choice
          label={texts.unit}
          hasLabel
          options={UNITS.map((value) => ({ value, title: value }))}
          value={unit}
          onChoose={choose}
        />
      </div>
    </Card>
  );
}
