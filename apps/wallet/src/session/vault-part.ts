import { type OpenVault, VaultError } from "@bitfleet/vault/vault.ts";
import { readBackupContents } from "./backup-contents.ts";
import type { NoticeName, WalletSettings } from "./records.ts";
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
  | "changePassphrase"
  | "isPassphrase"
  | "backup"
  | "readBackup"
  | "restoreBackup"
  | "replaceBackup"
  | "salvage"
  | "destroy"
  | "changeSettings"
  | "dismissNotice"
>;

const withNotice = ({ noticesSeen }: WalletSettings, name: NoticeName): readonly NoticeName[] =>
  noticesSeen.includes(name) ? noticesSeen : [...noticesSeen, name];

/** The part of a session that opens and locks the vault. It looks at once what state that is in. */
export function vaultPart(core: SessionCore): VaultPart {
  const { vault: place } = core.deps;
  const delays = new UnlockDelays(core.deps.nowMs);
  /** Backups that were read: the passphrase's work is long, and the vault asks for it anyhow. */
  const readable = new WeakSet<Uint8Array>();
  let news: string | undefined;
  const lockedState = (): SessionState => {
    return { kind: "locked", failures: delays.failures, waitUntilMs: delays.waitUntilMs, news };
  };

  const lock = () => {
    const { opened } = core;
    if (opened === undefined) return;
    core.close();
    core.set(lockedState());
    opened.vault.lock().catch(() => {
      // It is locked or gone already.
    });
  };

  core.onLocked = () => {
    if (core.opened === undefined) return;
    core.close();
    core.set(lockedState());
  };

  const begin = async () => {
    try {
      const state = await place.state();
      if (state.kind === "absent") core.set({ kind: "absent" });
      else if (state.kind === "damaged") core.set({ kind: "damaged", problem: state.problem });
      else {
        news = state.kind === "locked" ? state.news : undefined;
        core.set(lockedState());
      }
    } catch (error) {
      core.set(unlookedState(error));
    }
  };

  const openBy = async (open: () => Promise<OpenVault>) => {
    const vault = await open();
    news = undefined;
    core.close();
    try {
      const stored = await readStored(vault);
      core.begin({ vault, stored, active: undefined, connection: { kind: "none" } });
      const first = nextAccount(stored, stored.activeAccountId ?? "");
      await core.inTurn(() => core.activate(first?.id));
    } catch (error) {
      core.close();
      await vault.lock().catch(() => {});
      if (!(error instanceof VaultError)) core.set({ kind: "damaged", problem: sentenceOf(error) });
      throw error;
    }
  };

  const readBackup = async (backup: Uint8Array, passphrase: string) => {
    const contents = await readBackupContents(backup, passphrase, core.deps);
    readable.add(backup);
    return contents;
  };

  const dismissNotice = async (name: NoticeName) => {
    await core.change(({ stored }) => withSettings(stored, { noticesSeen: withNotice(stored.settings, name) }));
  };

  void begin();
  return {
    lock,
    create: (passphrase) => openBy(() => place.create(passphrase)),
    readBackup,

    async restoreBackup(backup, its, passphrase) {
      if (!readable.has(backup)) await readBackup(backup, its);
      await openBy(() => place.restore(backup, its, passphrase));
      // There is a backup: the one that it came from.
      await dismissNotice("backup");
    },

    async replaceBackup(backup, its, passphrase) {
      if (!readable.has(backup)) await readBackup(backup, its);
      const before = core.opened;
      const replace = async () => {
        // What it would still write is refused once the other has its place.
        if (before !== undefined) await core.stopActive();
        try {
          await openBy(() => place.replace(backup, its, passphrase));
        } catch (error) {
          // Where it was locked meanwhile that is seen here.
          if (core.opened === before) await core.activate(before?.stored.activeAccountId).catch(() => core.onLocked());
          throw error;
        }
      };
      await (before === undefined ? replace() : before.turns.run(replace));
      delays.reset();
      await dismissNotice("backup");
    },

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
      core.close();
      await place.destroy();
      core.set({ kind: "absent" });
    },

    dismissNotice,

    async changeSettings(change) {
      await core.change((opened) => withSettings(opened.stored, change));
    },
  };
}
