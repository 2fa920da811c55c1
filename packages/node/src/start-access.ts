import { systemRandom } from "./clock.ts";
import { ConfigError } from "./config/settings.ts";
import type { WebAccessConfig } from "./config/web-access.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Clock, Logger } from "./ports.ts";
import type { OpenAccess } from "./server/access/access.ts";
import type { ApiKey } from "./server/access/api-keys.ts";

export interface AccessTools {
  readonly clock: Clock;
  readonly log: Logger;
  /** Calls back after a rotation of logs; returns what ends that. */
  readonly followLogRotation?: (reopen: () => void) => () => void;
}

/** Who may call the web server, and how often: keys, limits, audit log. Rejects with `ConfigError`. */
export async function startAccess(
  config: WebAccessConfig,
  networkName: string,
  lifecycle: Lifecycle,
  { clock, log, followLogRotation = () => () => {} }: AccessTools,
): Promise<OpenAccess> {
  const { openAccess } = await import("./server/access/access.ts");
  const { limits, keysFile, requiresKey, auditFile } = config;
  const redisPrefix = `bitfleet:${networkName}:limit:`;
  await makeKeyIfNone(config, log);
  const options = { keys: keysOf(config), keysFile, requiresKey, auditFile, limits, redisPrefix };
  const access = await lifecycle.start(
    "access",
    () => openAccess(options, { clock, log }).catch((error) => refuse(error, auditFile)),
    (opened) => opened.close(),
  );
  await lifecycle.start(
    "access after rotation",
    () => followLogRotation(() => access.reload()),
    (unfollow) => unfollow(),
  );
  return access;
}

/** So that the first start is not a closed door: only where neither an option nor a file says who may do what. */
async function makeKeyIfNone({ adminKey, walletKey, keysFile }: WebAccessConfig, log: Logger): Promise<void> {
  if (adminKey !== undefined || walletKey !== undefined || keysFile === undefined || keysFile.isRequired) return;
  const { makeFirstKey } = await import("./server/access/admin-key.ts");
  const made = await makeFirstKey(keysFile.path, systemRandom).catch((error) => refuse(error, undefined));
  if (made !== undefined) log.info(`Made a key for /api/admin, kept in ${made}`);
}

/** Named so that no key of the file can have the same name. */
function keysOf({ adminKey, walletKey }: WebAccessConfig): readonly ApiKey[] {
  return [
    ...(adminKey === undefined ? [] : [{ name: "-webadminkey", role: "admin", key: adminKey } as const]),
    ...(walletKey === undefined ? [] : [{ name: "-webwalletkey", role: "wallet", key: walletKey } as const]),
  ];
}

/** What the operator is to mend. */
function refuse(error: Error & { readonly code?: string }, auditFile: string | undefined): never {
  if (error.name === "KeyFileError" || error.name === "RateSettingsError") throw new ConfigError(error.message);
  if (error.code === undefined) throw error;
  throw new ConfigError(
    `The audit log ${auditFile} cannot be written: ${error.code}; choose another with -webauditlog, or 0 for none.`,
  );
}
