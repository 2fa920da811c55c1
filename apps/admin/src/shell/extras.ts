import { createContext, type ReactElement, use } from "react";
import type { Command } from "./commands.ts";

/** What the surroundings of pages have more where the app is not in a plain browser. */
export interface ShellExtras {
  /** In the header, first of the tools; and in the menu of narrow windows. */
  readonly tools: ReactElement | undefined;
  readonly commands: readonly Command[];
  readonly shortcuts: readonly ExtraShortcut[];
  /** In the settings, in the place of the choice of a node; and what is to be set besides. */
  readonly settings: ReactElement | undefined;
}

export interface ExtraShortcut {
  readonly title: string;
  /** Pressed one after the other: "g 1". */
  readonly keys: string;
  readonly run: () => void;
}

const NONE: ShellExtras = { tools: undefined, commands: [], shortcuts: [], settings: undefined };

const ExtrasContext = createContext<ShellExtras>(NONE);

export const ExtrasProvider = ExtrasContext.Provider;
export const useShellExtras = (): ShellExtras => use(ExtrasContext);
