import type { Collection, VaultChange, VaultErrorCode } from "./vault.ts";

/**
 * The vault over HTTP, between a window's page and the process that holds it: `POST /desktop/vault/<method>` with these bodies. Bytes are
 * base64. Whoever unlocks has a handle, and the vault is open as long as somebody has one.
 */
export interface VaultRequests {
  create: { readonly passphrase: string };
  unlock: { readonly passphrase: string };
  restore: { readonly backup: string; readonly backupPassphrase: string; readonly passphrase: string };
  replace: { readonly backup: string; readonly backupPassphrase: string; readonly passphrase: string };
  destroy: Record<string, never>;
  /** Answers `{ backup, lost }`. */
  salvage: { readonly passphrase: string };
  get: { readonly handle: string; readonly collection: Collection; readonly key: string };
  list: { readonly handle: string; readonly collection: Collection; readonly prefix: string };
  write: { readonly handle: string; readonly changes: readonly VaultChange[] };
  changePassphrase: { readonly handle: string; readonly current: string; readonly next: string };
  isPassphrase: { readonly handle: string; readonly passphrase: string };
  backup: { readonly handle: string; readonly passphrase: string };
  lock: { readonly handle: string };
}

export type VaultMethod = keyof VaultRequests;

export const VAULT_PATH = "/desktop/vault";

export type VaultAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: VaultErrorCode; readonly message: string; readonly retryAfterMs?: number };
