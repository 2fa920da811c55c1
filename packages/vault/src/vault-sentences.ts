import { VaultError } from "./vault.ts";

/** What every vault says alike. */

export function absentError(): VaultError {
  return new VaultError("absent", "Nothing is kept on this device yet. Choose a passphrase to begin.");
}

export function existsError(): VaultError {
  return new VaultError(
    "exists",
    "There is a vault on this device already. Unlock it, or remove it before another takes its place.",
  );
}

export function lockedError(): VaultError {
  return new VaultError("locked", "The vault is locked. Unlock it with its passphrase.");
}

export function wrongPassphraseError(): VaultError {
  return new VaultError(
    "wrong-passphrase",
    "The passphrase is not the right one. Check capital letters and the keyboard's language, and try again.",
  );
}

export function refusedError(why: string): VaultError {
  return new VaultError("refused", why);
}

/** `what` is a sentence's beginning, without its full stop. */
export function damagedError(what: string, cause?: unknown): VaultError {
  const rest = "To go on, restore a backup in its place, or remove it and restore your wallets from their phrases.";
  return new VaultError("damaged", `${what}. ${rest}`, { cause });
}

export function tooNewError(what: string): VaultError {
  return new VaultError("too-new", `${what} was written by a later version of Bitfleet. Open it with that version.`);
}

export function inUseError(): VaultError {
  return new VaultError(
    "in-use",
    "The vault is open in another window or tab. Lock or close it there, then try again.",
  );
}

/** After a replacement that was cut short, by what became of it. */
export function replacementNews(outcome: "finished" | "forgotten"): string {
  return outcome === "finished"
    ? "The program ended while a backup took the place of what was here. That is done now: it opens with the passphrase that you chose for it then."
    : "The program ended before a backup had taken the place of what is here. Nothing has changed: it opens with its passphrase as before, and you can restore the backup again.";
}

export function noSpaceError(cause?: unknown): VaultError {
  return new VaultError(
    "no-space",
    "There is no space left to write to, so nothing was changed. Free some and try again.",
    { cause },
  );
}
