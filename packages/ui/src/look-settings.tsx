import type { ReactElement, ReactNode } from "react";
import { Card } from "./card.tsx";
import { Choice } from "./choice.tsx";
import classes from "./look-settings.module.css";
import { textsOf } from "./texts.ts";
import { type ThemeChoice, useTheme } from "./theme-provider.tsx";
import { UNITS, useUnitChoice } from "./units.tsx";

const texts = textsOf({
  en: {
    title: "Appearance",
    theme: "Theme",
    themes: { dark: "Dark", light: "Light", auto: "As the system" } satisfies Record<ThemeChoice, string>,
    unit: "Amounts in",
  },
});

const THEMES: readonly ThemeChoice[] = ["dark", "light", "auto"];

/** Theme and unit of amounts, as settings; `further` choices stand beside them, and `note` below. */
export function LookSettings({
  further,
  note,
}: {
  readonly further?: ReactNode;
  readonly note?: ReactNode;
}): ReactElement {
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
        {further}
      </div>
      {note}
    </Card>
  );
}
