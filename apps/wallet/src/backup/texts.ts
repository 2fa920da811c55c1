import { textsOf } from "@bitfleet/ui/texts.ts";

export const backupTexts = textsOf({
  en: {
    file: "Backup file",
    choose: "Choose the file",
    chooseOther: "Choose another file",
    drop: "or drop it here",
    chosen: (name: string, size: string) => `${name} (${size})`,
    tooLarge:
      "That file is larger than any backup. Choose the one that this wallet saved, whose name ends with .bitfleet-backup.",
    unreadable: "The browser could not read that file. Choose it again.",
    passphrase: "Passphrase of the backup",
    passphraseHint: "The one that was chosen when the backup was saved.",
    same: "Lock this device with the same passphrase",
    own: "New passphrase for this device",
    missingFile: "Choose the backup file first.",
    missingPassphrase: "Enter the passphrase of the backup.",
    restore: "Restore",
    restoring: "Restoring…",
  },
});
