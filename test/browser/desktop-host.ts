import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PROFILE_PREFIX, type ProfileDraft, profileRecord } from "../../apps/admin/src/desktop/profile.ts";
import type { DesktopApp } from "../../apps/desktop/src/apps.ts";
import { LookFile } from "../../apps/desktop/src/look-file.ts";
import { type LocalServer, startLocalServer } from "../../apps/desktop/src/server/local-server.ts";
import { SqlVault } from "../../apps/desktop/src/vault/sql-vault.ts";
import { vaultRoutes } from "../../apps/desktop/src/vault/vault-routes.ts";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
/** A guess that costs next to nothing: what a real one costs is tested with the vault. */
const CHEAP_COST = { n: 16, r: 1, p: 1 } as const;

/** The desktop's local process with its vault on disk, without a window: a browser takes its place. It keeps the folder over stop and start. */
export class DesktopHost {
  /** Of the vault's files. */
  readonly folder = mkdtempSync(path.join(tmpdir(), "bitfleet-desktop-"));
  #server: LocalServer | undefined;
  #lockAll: (() => Promise<void>) | undefined;
  /** Makes the vault, with these networks in it. */
  async remember(passphrase: string, profiles: readonly ProfileDraft[]): Promise<void> {
    const open = await this.#vault().create(passphrase);
    const rows = profiles.map((profile, index) => ({ ...profile, id: `p${index}` }));
    await open.write(
      rows.map((profile, index) => ({
        collection: "networks",
        key: PROFILE_PREFIX + profile.id,
        value: profileRecord(profile, index),
      })),
    );
    await open.lock();
  }

  /** `url`: where it is told to look for a network. */
  async start(url?: string): Promise<void> {
    const target = { url: "http://127.0.0.1:8080", apiKey: "" };
    const vault = this.#vault();
    this.#server = await startLocalServer(
      {
        version: "0.1.0",
        folders: { wallet: path.join(ROOT, "apps/wallet/dist"), admin: path.join(ROOT, "apps/admin/dist") },
        targets: { wallet: target, admin: target },
      },
      {
        nowMs: Date.now,
        onQuit: () => {},
        look: new LookFile(this.folder),
        mountVault: (app) => {
          const { lockAll } = vaultRoutes(app, vault);
          this.#lockAll = lockAll;
          return { lockAll };
        },
      },
    );
    if (url !== undefined) this.#server.beginWith("admin", { url, apiKey: "" });
  }

  /** A further call of the program names a network. */
  name(url: string): void {
    this.#server!.events.send("admin", { name: "network", data: { url } });
  }

  #vault(): SqlVault {
    return new SqlVault(this.folder, { kdfCost: CHEAP_COST });
  }

  get origin(): string {
    return this.#server!.origin;
  }

  /** An address that opens a window once; that of the administration, where no app is named. */
  address(page?: string, app: DesktopApp = "admin"): string {
    return this.#server!.issueUrl({ app, path: page });
  }

  /** As another window of the same program would. */
  lockAll(): Promise<void> {
    return this.#lockAll!();
  }

  async stop(): Promise<void> {
    await this.#lockAll?.();
    await this.#server?.close();
    this.#server = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
