import { plural, textsOf } from "@bitfleet/ui/texts.ts";

/** Of more than these only the number is told. */
const NAMES_SHOWN = 4;
const namesOf = (names: readonly string[]) =>
  names.slice(0, NAMES_SHOWN).join(", ") + (names.length > NAMES_SHOWN ? " …" : "");

export const backupTexts = textsOf({
  en: {
    file: "Backup file",
    choose: "Choose the file",
    chooseOther: "Choose another file",
    drop: "or drop it here",
    chosen: (name: string, size: string) => `${name} (${size})`,
    tooLarge:
      "That file is larger than any backup. Choose the one that this wallet saved, whose name ends with .bitfleet-backup.",
    nothingDropped: "No file arrived here. Choose it with the button.",
    unreadable: "The browser could not read that file. Choose it again.",
    passphrase: "Passphrase of the backup",
    passphraseHint: "The one that was chosen when the backup was saved.",
    same: "Lock this device with the same passphrase",
    own: "New passphrase for this device",
    missingFile: "Choose the backup file first.",
    missingPassphrase: "Enter the passphrase of the backup.",
    restore: "Restore",
    replaceAsk: "Put the backup in place of what is here?",
    replaceText: (madeAt: string, wallets: readonly string[]) =>
      `It was saved on ${madeAt} and has ${
        wallets.length === 0
          ? "no wallet"
          : `${plural(wallets.length, { one: "one wallet", other: `${wallets.length} wallets` })} (${namesOf(wallets)})`
      }. Wallets that are here and not in it are gone then, unless you have their words.`,
    replaceTyped: "replace everything",
    replaceGo: "Replace everything",
    replaced: "The backup is in place",
    inItsPlace: "Restore a backup in its place",
    replaceTitle: "Restore a backup",
    replaceAbout:
      "The backup takes the place of what is on this device now. The file is read first: if it does not open, nothing happens.",
  },
});
