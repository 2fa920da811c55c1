import { desktopFetch } from "@bitfleet/ui/desktop/desktop-session.ts";
import { type OpenVault, type Vault, VaultError, type VaultErrorCode, type VaultState } from "@bitfleet/vault/vault.ts";

/** The vault of the local process: what opens it once is open for all pages of its windows. */
export function vaultOverHttp(): Vault & { open(): Promise<OpenVault> } {
  const call = async (method: string, body: object = {}) => {
    const response = await desktopFetch(`/desktop/vault/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as {
      ok: boolean;
      value?: unknown;
      code: VaultErrorCode;
      message: string;
      retryAfterMs?: number;
    };
    if (!answer.ok) throw new VaultError(answer.code, answer.message, { retryAfterMs: answer.retryAfterMs });
    return answer.value as never;
  };
  const open: OpenVault = {
    get: (collection, key) => call("get", { collection, key }),
    list: (collection, prefix) => call("list", { collection, prefix }),
    write: (changes) => call("write", { changes }),
    changePassphrase: (current, next) => call("changePassphrase", { current, next }),
    isPassphrase: (passphrase) => call("isPassphrase", { passphrase }),
    backup: (passphrase) => call("backup", { passphrase }),
    lock: () => call("lock"),
  };
  return {
    state: async () => (await call("state")) as VaultState,
    create: (passphrase) => call("create", { passphrase }).then(() => open),
    unlock: (passphrase) => call("unlock", { passphrase }).then(() => open),
    restore: async () => open,
    destroy: () => call("destroy"),
    open: async () => open,
  };
}
