import type { KeyRole, KeyStore } from "@bitfleet/ui/keys/key-store.ts";
import { NO_KEYS, type Profile, type ProfileKeys } from "./profile.ts";

/**
 * The keys of the network at hand, in memory: those of its profile, and those that were entered and are not to be remembered. Nothing of
 * them is in the browser's own storage.
 */
export class KeyMemory implements KeyStore {
  /** Entered for the time being, by profile: one who comes back to a network need not enter them again. */
  readonly #entered = new Map<string, ProfileKeys>();
  readonly #onKept: (keys: ProfileKeys) => void;
  #profile: Profile | undefined;
  keeps: "profile" | "nothing" = "nothing";

  /** `onKept` is told what the profile's keys are from now on. */
  constructor(onKept: (keys: ProfileKeys) => void) {
    this.#onKept = onKept;
  }

  /** From now on keys are this profile's; of none where there is none. */
  show(profile: Profile | undefined): void {
    this.#profile = profile;
  }

  read(role: KeyRole): string {
    const profile = this.#profile;
    if (profile === undefined) return "";
    return this.#entered.get(profile.id)?.[role] || profile.keys[role];
  }

  isKept(role: KeyRole): boolean {
    return (this.#profile?.keys[role] ?? "") !== "";
  }

  write(role: KeyRole, key: string, isKept: boolean): void {
    const profile = this.#profile;
    if (profile === undefined) return;
    const isInProfile = key !== "" && isKept && this.keeps === "profile";
    this.#entered.set(profile.id, {
      ...(this.#entered.get(profile.id) ?? NO_KEYS),
      [role]: isInProfile ? "" : key,
    });
    const kept = isInProfile ? key : "";
    if (profile.keys[role] === kept) return;
    const keys = { ...profile.keys, [role]: kept };
    this.#profile = { ...profile, keys };
    this.#onKept(keys);
  }

  /** Forgets what was entered for a profile, or for all of them. */
  forget(profileId?: string): void {
    if (profileId === undefined) this.#entered.clear();
    else this.#entered.delete(profileId);
  }
}
