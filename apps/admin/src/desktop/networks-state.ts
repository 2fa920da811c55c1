import type { Profile } from "./profile.ts";

/** What of the desktop is on screen. */
export type NetworksState =
  | { readonly kind: "starting" }
  /** No vault on this device yet. */
  | { readonly kind: "absent" }
  /** `news`: what became of a backup that was taking the place of the vault when the program ended, in sentences. */
  | { readonly kind: "locked"; readonly news?: string | undefined }
  | { readonly kind: "damaged"; readonly problem: string }
  /** The program behind the window does not answer. */
  | { readonly kind: "unreachable"; readonly problem: string }
  | OpenNetworks;

export interface OpenNetworks {
  readonly kind: "open";
  /** Whether they are kept beyond this run. */
  readonly isRemembered: boolean;
  /** In the reader's order. */
  readonly profiles: readonly Profile[];
  /** The one that the window shows; none before the first, and while one goes to another. */
  readonly active: Profile | undefined;
  /** Another number whenever what is shown begins anew. */
  readonly showing: number;
  readonly isSwitching: boolean;
  /** Why the last switch failed. */
  readonly problem: string | undefined;
  /** 0 for never. */
  readonly autoLockMinutes: number;
  /** A network to add: the one that the program was told to show and that is not remembered, or where the first may be. */
  readonly suggestedUrl: string | undefined;
}
