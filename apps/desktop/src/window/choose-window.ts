import type { WindowWish } from "../options.ts";
import type { WindowKind } from "./window.ts";

/** What this machine can draw windows with. Each says why not in a few words. */
export interface WindowProbes {
  readonly hasDisplay: () => boolean;
  readonly whyNoWebkit: () => string | undefined;
  readonly chromium: () => string | undefined;
}

export interface WindowChoice {
  /** The one to try, and the next where it fails. */
  readonly kinds: readonly WindowKind[];
  /** For the terminal: why it is not the first. */
  readonly why: string;
}

/** Which window is opened: the one that was asked for, else the best that is there. */
export function chooseWindow(wish: WindowWish, probes: WindowProbes): WindowChoice {
  if (wish !== "auto") return { kinds: [wish], why: "as asked for by --window" };
  if (!probes.hasDisplay())
    return { kinds: ["none"], why: "there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set" };
  const whyNoWebkit = probes.whyNoWebkit();
  const hasChromium = probes.chromium() !== undefined;
  const kinds: WindowKind[] = [];
  if (whyNoWebkit === undefined) kinds.push("webkit");
  if (hasChromium) kinds.push("chromium");
  kinds.push("browser");
  if (whyNoWebkit === undefined) return { kinds, why: "WebKitGTK is installed" };
  return { kinds, why: hasChromium ? whyNoWebkit : `${whyNoWebkit}, and no Chromium, Chrome, Edge or Brave was found` };
}

/**
 * Opens the first that can be: a library may be there, and no screen that it likes. `open` rejects with why not; `nameOf` says a kind in words.
 * Answers which it was, and why that. Throws `Error` with what to do.
 */
export async function openFirst<Opened>(
  { kinds, why }: WindowChoice,
  open: (kind: WindowKind) => Promise<Opened>,
  nameOf: (kind: WindowKind) => string,
): Promise<{ readonly kind: WindowKind; readonly opened: Opened; readonly why: string }> {
  let reason = why;
  for (const kind of kinds) {
    try {
      return { kind, opened: await open(kind), why: reason };
    } catch (error) {
      reason = `${nameOf(kind)} cannot be opened: ${(error as Error).message}`;
    }
  }
  throw new Error(`No window can be opened: ${reason}. --window none prints an address to open by hand.`);
}
