import { type OpenVault, VaultError } from "@bitfleet/vault/vault.ts";
import { AutoLock } from "./auto-lock.ts";
import type { Session, SessionState } from "./session.ts";
import type { SessionCore } from "./session-core.ts";
import { readStored } from "./stored-wallets.ts";
import { UnlockDelays } from "./unlock-delays.ts";
import { sentenceOf, unlookedState } from "./unlooked-state.ts";
import { nextAccount, withSettings } from "./wallet-book.ts";

type VaultPart = Pick<
  Session,
  | "lookAgain"
  | "create"
  | "unlock"
  | "lock"
  | "touch"
  | "changePassphrase"
  | "isPassphrase"
  | "backup"
  | "restoreBackup"
  | "salvage"
  | "destroy"
  | "changeSettings"
>;

/** The part of a session that opens and locks the vault. It looks at once what state that is in. */
export function vaultPart(core: SessionCore): VaultPart {
  const { vault: place, nowMs } = core.deps;
  const delays = new UnlockDelays(nowMs);
  const autoLock = new AutoLock(nowMs, () => lock());
  const lockedState = (): SessionState => {
    return { kind: "locked", failures: delays.failures, waitUntilMs: delays.waitUntilMs };
  };

  const close = () => {
    autoLock.stop();
    core.close();
  };

  const lock = () => {
    const { opened } = core;
    if (opened === undefined) return;
    close();
    core.set(lockedState());
    opened.vault.lock().catch(() => {
      // It is locked or gone already.
    });
  };

  core.onLocked = () => {
    if (core.opened === undefined) return;
    close();
    core.set(lockedState());
  };

  const begin = async () => {
    try {
      const state = await place.state();
      if (state.kind === "absent") core.set({ kind: "absent" });
      else if (state.kind === "damaged") core.set({ kind: "damaged", problem: state.problem });
      else core.set(lockedState());
    } catch (error) {
      core.set(unlookedState(error));
    }
  };

  const openBy = async (open: () => Promise<OpenVault>) => {
    const vault = await open();
    close();
    try {
      const stored = await readStored(vault);
      core.begin({ vault, stored, active: undefined, connection: { kind: "none" } });
      const first = nextAccount(stored, stored.activeAccountId ?? "");
      autoLock.begin(stored.settings.autoLockMinutes);
      await core.activate(first?.id);
    } catch (error) {
      close();
      await vault.lock().catch(() => {});
      if (!(error instanceof VaultError)) core.set({ kind: "damaged", problem: sentenceOf(error) });
      throw error;
    }
  };

  void begin();
  return {
    lock,
    touch: () => autoLock.touch(),
    create: (passphrase) => openBy(() => place.create(passphrase)),
    restoreBackup: (backup, its, passphrase) => openBy(() => place.restore(backup, its, passphrase)),

    async lookAgain() {
      if (core.state.kind === "unusable") await begin();
    },

    async unlock(passphrase) {
      delays.refuseEarly();
      try {
        await openBy(() => place.unlock(passphrase));
      } catch (error) {
        if (error instanceof VaultError && error.code === "wrong-passphrase") {
          delays.noteFailure(error.retryAfterMs);
          core.set(lockedState());
        } else if (error instanceof VaultError && error.code === "damaged") {
          core.set({ kind: "damaged", problem: error.message });
        }
        throw error;
      }
      delays.reset();
    },

    async changePassphrase(current, next) {
      await core.need().vault.changePassphrase(current, next);
    },

    async isPassphrase(passphrase) {
      return core.need().vault.isPassphrase(passphrase);
    },

    async backup(passphrase) {
      return core.need().vault.backup(passphrase);
    },

    async salvage(passphrase) {
      if (place.salvage === undefined) throw new VaultError("damaged", "Nothing can be read of this vault any more.");
      return place.salvage(passphrase);
    },

    async destroy() {
      close();
      await place.destroy();
      core.set({ kind: "absent" });
    },

    async changeSettings(change) {
      const { stored } = await core.change((opened) => withSettings(opened.stored, change));
      autoLock.begin(stored.settings.autoLockMinutes);
    },
  };
}
