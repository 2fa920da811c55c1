import {
  Button,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorSchemeManager,
  MantineProvider,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import "./theme.css";
import { desktopLook, rememberLook, watchLook } from "./desktop/desktop-look.ts";
import { desktopSession } from "./desktop/desktop-session.ts";
import { MoonIcon, SunIcon } from "./icons.tsx";
import classes from "./theme-provider.module.css";

const CONTRAST = "var(--mantine-primary-color-contrast)";

const theme = createTheme({
  primaryColor: "orange",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      // Mantine would have white on every colour.
      vars: (_theme, { variant = "filled", color }) => ({
        root: variant === "filled" && color === undefined ? { "--button-color": CONTRAST } : {},
      }),
    }),
  },
});

/** The local process remembers for the desktop's windows, whose origin is another one with each start. */
const desktopManager = (): MantineColorSchemeManager => {
  let stop = () => {};
  /** What another window chose: it is not to be told again. */
  let told: ThemeChoice | undefined;
  return {
    get: (fallback) => told ?? desktopLook().theme ?? fallback,
    set: (theme) => {
      if (theme !== told) rememberLook({ theme });
      told = theme;
    },
    subscribe: (onUpdate) => {
      stop = watchLook(({ theme }) => {
        if (theme === undefined) return;
        told = theme;
        onUpdate(theme);
      });
    },
    unsubscribe: () => stop(),
    clear: () => rememberLook({ theme: "auto" }),
  };
};

/** One for the page, whatever is drawn anew. */
const manager = desktopSession() === undefined ? localStorageColorSchemeManager() : desktopManager();

/**
 * Mantine with the house's look. Its generated style elements are off: variables come from theme.css, so that the page needs no
 * `unsafe-inline`. For the same reason responsive style props, `hiddenFrom`, AppShell, Grid and SimpleGrid are not used.
 */
export function ThemeProvider({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <MantineProvider
      theme={theme}
      colorSchemeManager={manager}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      {children}
    </MantineProvider>
  );
}

export type ThemeChoice = "dark" | "light" | "auto";

export interface Theme {
  /** What the reader chose; "auto" leaves it to the system. */
  readonly choice: ThemeChoice;
  /** What is seen. */
  readonly shown: "dark" | "light";
  /** Remembers it. */
  choose(choice: ThemeChoice): void;
}

/** The theme, and how another one is chosen. */
export function useTheme(): Theme {
  // Mantine would inject a style element to pause transitions.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const shown = useComputedColorScheme("dark", { getInitialValueInEffect: false });
  return { choice: colorScheme, shown, choose: setColorScheme };
}

/** Switches between light and dark and remembers it; until then the system decides. */
export function ThemeToggle(): ReactElement {
  const { shown: scheme, choose } = useTheme();
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      className={classes.toggle}
      aria-label={`Switch to the ${other} theme`}
      title={`Switch to the ${other} theme`}
      onClick={() => choose(other)}
    >
      {scheme === "dark" ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}
