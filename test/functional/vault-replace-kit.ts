/** What the tests of a replacement that is killed share with the process that does it. */
export const OLD_PASSPHRASE = "the old vault's own";
export const NEW_PASSPHRASE = "the new vault's own";
export const BACKUP_PASSPHRASE = "the backup's own";
export const CHEAP_COST = { n: 16, r: 1, p: 1 } as const;
/** Beside the folder. */
export const BACKUP_FILE = (folder: string) => `${folder}.backup`;
