import type { SettingValue } from "./settings.ts";
import { type SettingsFile, writeSettingsFile } from "./settings-file.ts";

const SETTING = "wallet";

/** Which wallets `settings.json` has loaded at the start, beside those of `-wallet`: what `load_on_startup` of the RPCs changes. */
export interface StartupWallets {
  /** Names in the file. */
  names(): readonly string[];
  /** The unnamed wallet is loaded though nobody says so: from now on it is among the names, in the file too once that is written. */
  assumeUnnamed(): void;
  /** Adds a name. Whether the file says so now: `false` where it could not be written. Throws with `-nosettings`. */
  add(name: string): boolean;
  /** Takes a name out. Whether the file says so now: `false` where it could not be written. Throws with `-nosettings`. */
  remove(name: string): boolean;
}

/** `file` is absent with `-nosettings`; then only what needs no change of it can be asked for, as in Core. */
export function startupWallets(file: SettingsFile | undefined): StartupWallets {
  const current = () => file?.values.get(SETTING);
  const items = (): readonly SettingValue[] | undefined => {
    const value = current();
    return Array.isArray(value) ? (value as readonly SettingValue[]) : undefined;
  };
  const write = (value: readonly SettingValue[]): boolean => {
    if (file === undefined) throw new Error("Attempt to write settings file when dynamic settings are disabled.");
    file.values.set(SETTING, value);
    try {
      writeSettingsFile(file);
      return true;
    } catch {
      return false;
    }
  };
  return {
    names: () => (items() ?? []).filter((item) => typeof item === "string"),
    assumeUnnamed() {
      file?.values.set(SETTING, [""]);
    },
    add(name) {
      const before = items() ?? [];
      return before.includes(name) || write([...before, name]);
    },
    remove(name) {
      const before = items();
      // An empty list says that the unnamed wallet is not to be loaded either, as it is where nothing is said.
      if (before === undefined) return name !== "" || current() != null || write([]);
      return !before.includes(name) || write(before.filter((item) => item !== name));
    },
  };
}
