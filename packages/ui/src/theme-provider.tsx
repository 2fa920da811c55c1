import { createTheme, MantineProvider, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import "./theme.css";
import { MoonIcon, SunIcon } from "./icons.tsx";
import classes from "./theme-provider.module.css";

const theme = createTheme({
  primaryColor: "orange",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
});

/**
 * Mantine with the house's look. Its generated style elements are off: variables come from theme.css, so that the page needs no
 * `unsafe-inline`. For the same reason responsive style props, `hiddenFrom`, AppShell, Grid and SimpleGrid are not used.
 */
export function ThemeProvider({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      {children}
    </MantineProvider>
  );
}

/** Switches between light and dark and remembers it; until then the system decides. */
export function ThemeToggle(): ReactElement {
  // Mantine would inject a style element to pause transitions.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const scheme = useComputedColorScheme("dark", { getInitialValueInEffect: false });
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      className={classes.toggle}
      aria-label={`Switch to the ${other} theme`}
      title={`Switch to the ${other} theme`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === "dark" ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}
