import { matches } from "@bitfleet/ui/palette/matches.ts";
import { Palette as AnyPalette, type PaletteItem, type PaletteItems } from "@bitfleet/ui/palette/palette.tsx";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { listedPages } from "../listed-pages.ts";
import { useCommands } from "./commands.ts";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.palette;

/** Pages and actions, found as one types. */
export function Palette({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactElement {
  return <AnyPalette isOpen={isOpen} onClose={onClose} texts={texts} useItems={useItems} />;
}

function useItems(text: string): PaletteItems {
  const navigate = useNavigate();
  const commands = useCommands();
  const pages = listedPages()
    .filter((page) => matches(text, `${page.title} ${page.keywords ?? ""}`))
    .map(
      ({ title, keys, icon, route }): PaletteItem => ({
        id: `page-${title}`,
        section: texts.pages,
        title,
        detail: "",
        icon,
        keys,
        run: () => void navigate({ to: route.fullPath as "/" }),
      }),
    );
  const actions = commands
    .filter((command) => matches(text, `${command.title} ${command.keywords}`))
    .map(
      ({ title, run }, index): PaletteItem => ({
        id: `action-${index}`,
        section: texts.actions,
        title,
        detail: "",
        run,
      }),
    );
  return { items: [...pages, ...actions], isSettled: true, hasFailed: false };
}
