import type { OpenVault, Vault } from "./vault.ts";

/**
 * Takes something for this page from whichever page of the same place has it; `onLost`: a later page has taken it. Answers how to give it back. Where a browser
 * knows no locks for pages, nothing is taken: the windows of the desktop are one each.
 */
export type ClaimPage = (onLost: () => void) => Promise<() => void>;

/** {@link ClaimPage} by the browser's locks, under a name. */
export function claimByLock(name: string): ClaimPage {
  return (onLost) =>
    new Promise((resolve) => {
      if (typeof navigator === "undefined" || navigator.locks === undefined) return resolve(() => {});
      const held = (): Promise<void> => new Promise((release) => resolve(release));
      // Rejected where another page takes it.
      navigator.locks.request(name, { steal: true }, held).catch(onLost);
    });
}

/**
 * A vault that only the page has open which opened it last: the one before is locked, and told by `onLost`. For what is kept in memory and written as a whole, as
 * accounts are: of two pages each would write over what the other has done, and spend what the other has spent.
 */
export function lastPageVault(
  vault: Vault,
  { claim, onLost }: { readonly claim: ClaimPage; readonly onLost: () => void },
): Vault {
  /** Of the vault that this page has open now. */
  let current: { readonly open: OpenVault; readonly release: () => void } | undefined;

  const opened = async (opening: Promise<OpenVault>): Promise<OpenVault> => {
    // Whoever has not the passphrase locks no other page.
    const open = await opening;
    current?.release();
    const release = await claim(() => {
      if (current?.open !== open) return;
      current = undefined;
      void open.lock().catch(() => {});
      onLost();
    });
    current = { open, release };
    return {
      get: (collection, key) => open.get(collection, key),
      list: (collection, prefix) => open.list(collection, prefix),
      write: (changes) => open.write(changes),
      changePassphrase: (before, next) => open.changePassphrase(before, next),
      isPassphrase: (passphrase) => open.isPassphrase(passphrase),
      backup: (passphrase) => open.backup(passphrase),
      lock: async () => {
        if (current?.open === open) {
          current.release();
          current = undefined;
        }
        await open.lock();
      },
    };
  };

  const { salvage } = vault;
  return {
    state: () => vault.state(),
    create: (passphrase) => opened(vault.create(passphrase)),
    unlock: (passphrase) => opened(vault.unlock(passphrase)),
    restore: (backup, its, passphrase) => opened(vault.restore(backup, its, passphrase)),
    replace: (backup, its, passphrase) => opened(vault.replace(backup, its, passphrase)),
    destroy: () => vault.destroy(),
    ...(salvage && { salvage: (passphrase: string) => salvage.call(vault, passphrase) }),
  };
}
