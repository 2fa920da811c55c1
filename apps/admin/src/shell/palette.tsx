import { Palette as AnyPalette } from "@bitfleet/ui/palette/palette.tsx";
import type { ReactElement } from "react";
import { shellTexts } from "./texts.ts";
import { useItems } from "./use-palette-items.ts";

const texts = { ...shellTexts.palette, placeholder: shellTexts.search };

/** Finds what is in the chain, pages and actions, as one types: one box for all of them. */
export function Palette({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactElement {
  return <AnyPalette isOpen={isOpen} onClose={onClose} texts={texts} useItems={useItems} />;
}
