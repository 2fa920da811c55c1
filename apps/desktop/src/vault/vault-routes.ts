import type { IncomingMessage } from "node:http";
import { CHANGES_LENGTH_MAX, type Vault } from "@bitfleet/vault/vault.ts";
import { BACKUP_SIZE_MAX } from "@bitfleet/vault/vault-backup.ts";
import { VAULT_PATH } from "@bitfleet/vault/vault-messages.ts";
import type { FastifyInstance } from "fastify";
import { VaultCalls } from "./vault-calls.ts";

/** A character takes up to three bytes of UTF-8, or six where JSON escapes it; and there are keys. */
const WRITE_BYTES_MAX = 3 * CHANGES_LENGTH_MAX;
/** Base64 makes four characters of three bytes. */
const RESTORE_BYTES_MAX = Math.ceil((BACKUP_SIZE_MAX * 4) / 3) + 8192;
const OTHER_BYTES_MAX = 64 * 1024;

const SYSTEM_CLOCK = { monotonicMs: () => performance.now() };

/** Which page asks, and what tells when it is gone. */
export interface VaultPages {
  /** `undefined` for one that has no name. */
  pageOf(request: IncomingMessage): string | undefined;
  /** A page has the vault open: that it is gone is to be told. */
  watch(page: string): void;
}

export interface VaultRoutesOptions {
  readonly clock?: { monotonicMs(): number } | undefined;
  readonly pages?: VaultPages | undefined;
}

/**
 * `GET /desktop/vault/state` and `POST /desktop/vault/<method>`, as packages/vault's vault-messages.ts has them. Who may ask is not seen to
 * here. Answers what locks the vault for every window, and for a page that is gone.
 */
export function vaultRoutes(
  app: FastifyInstance,
  vault: Vault,
  { clock = SYSTEM_CLOCK, pages }: VaultRoutesOptions = {},
): { lockAll(): Promise<void>; lockPage(page: string): Promise<void> } {
  const calls = new VaultCalls(vault, clock, pages?.watch);
  app.get(`${VAULT_PATH}/state`, async (_, reply) => {
    reply.header("Cache-Control", "no-store");
    return calls.state();
  });
  const limits = [
    ["write", WRITE_BYTES_MAX],
    ["restore", RESTORE_BYTES_MAX],
    ["replace", RESTORE_BYTES_MAX],
    [":method", OTHER_BYTES_MAX],
  ] as const;
  for (const [name, bodyLimit] of limits) {
    app.post<{ Params: { method?: string } }>(`${VAULT_PATH}/${name}`, { bodyLimit }, async (request, reply) => {
      reply.header("Cache-Control", "no-store");
      const answer = calls.call(request.params.method ?? name, request.body, pages?.pageOf(request.raw));
      return answer ?? reply.code(404).send();
    });
  }
  return { lockAll: () => calls.lockAll(), lockPage: (page) => calls.lockPage(page) };
}
