import { createContext, type ReactElement, type ReactNode, use, useEffect, useMemo, useState } from "react";
import { desktopLook, rememberLook, watchLook } from "./desktop/desktop-look.ts";
import { desktopSession } from "./desktop/desktop-session.ts";
import type { Unit } from "./format.ts";
import classes from "./units.module.css";

export const UNITS: readonly Unit[] = ["BTC", "sats"];
const STORAGE_KEY = "bitfleet.unit";

export interface UnitChoice {
  readonly unit: Unit;
  choose(unit: Unit): void;
}

const UnitContext = createContext<UnitChoice>({ unit: "BTC", choose: () => {} });

/** Remembers in which unit the reader wants amounts. */
export function UnitProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [unit, setUnit] = useState<Unit>(rememberedUnit);
  useEffect(() => watchLook((look) => look.unit !== undefined && setUnit(look.unit)), []);
  const choice = useMemo(
    () => ({
      unit,
      choose: (next: Unit) => {
        remember(next);
        setUnit(next);
      },
    }),
    [unit],
  );
  return <UnitContext value={choice}>{children}</UnitContext>;
}

/** The unit in which amounts are shown. */
export function useUnit(): Unit {
  return use(UnitContext).unit;
}

/** The unit, and how another one is chosen. */
export function useUnitChoice(): UnitChoice {
  return use(UnitContext);
}

/** Switches every amount of the page between BTC and sats. */
export function UnitToggle(): ReactElement {
  const { unit, choose } = useUnitChoice();
  return (
    <fieldset className={classes.toggle}>
      <legend>Unit of amounts</legend>
      {UNITS.map((name) => (
        <button key={name} type="button" aria-pressed={name === unit} onClick={() => choose(name)}>
          {name}
        </button>
      ))}
    </fieldset>
  );
}

function rememberedUnit(): Unit {
  if (desktopSession() !== undefined) return desktopLook().unit ?? "BTC";
  try {
    return localStorage.getItem(STORAGE_KEY) === "sats" ? "sats" : "BTC";
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
    return "BTC";
  }
}

function remember(unit: Unit): void {
  if (desktopSession() !== undefined) {
    rememberLook({ unit });
    return;
  }
  try {
    localStorage.setItem(STORAGE_KEY, unit);
  } catch {
    // As above.
  }
}
