import type { Clock, Logger } from "../../ports.ts";
import { type ApiKey, ApiKeys } from "./api-keys.ts";
import { AuditLog } from "./audit-log.ts";
import { type KeyFileOptions, KeyFileWatch } from "./key-file-watch.ts";
import {
  ADDRESS_LIMIT_DEFAULT,
  KEY_LIMIT_DEFAULT,
  NO_LIMITS,
  RateLimiter,
  type StoreFailureMode,
} from "./rate-limiter.ts";
import { readRateSettings } from "./rate-settings.ts";
import { SharedBuckets } from "./shared-buckets.ts";
import type { BucketPolicy } from "./token-buckets.ts";

/** Who may call what, and how often: what the web server asks of each request. */
export interface Access {
  readonly keys: ApiKeys;
  readonly limiter: RateLimiter;
  /** Absent where no audit log is kept. */
  readonly audit?: AuditLog;
  /** Whether what is open to everybody otherwise needs a key, of any role. */
  readonly requiresKey: boolean;
}

export interface AccessOptions {
  /** Those of options and environment. */
  readonly keys: readonly ApiKey[];
  readonly keysFile: KeyFileOptions | undefined;
  readonly requiresKey: boolean;
  readonly auditFile: string | undefined;
  /** Undefined fields are as the settings file says, or the default; `off` is none. */
  readonly limits: {
    readonly address: BucketPolicy | "off" | undefined;
    readonly key: BucketPolicy | "off" | undefined;
    readonly settingsFile: string | undefined;
    readonly redisUrl: string | undefined;
    readonly storeFailure: StoreFailureMode;
  };
  /** What the buckets of this network are called in a Redis that others use as well. */
  readonly redisPrefix: string;
}

/** An access that is open, and is to be closed. */
export interface OpenAccess extends Access {
  /** After SIGHUP: the log goes on in a new file, the keys are read anew. */
  reload(): void;
  close(): void;
}

interface AccessDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Reads keys and settings, opens the audit log, connects to Redis where there is one. Rejects with `KeyFileError`,
 * `RateSettingsError`, or the system's error of the audit log. A Redis that does not answer keeps no server from starting.
 */
export async function openAccess(options: AccessOptions, deps: AccessDependencies): Promise<OpenAccess> {
  const keys = new ApiKeys(options.keys);
  const watch = options.keysFile && new KeyFileWatch(options.keysFile, { ...deps, keys });
  const limiter = await openLimiter(options, deps);
  const audit = options.auditFile === undefined ? undefined : new AuditLog(options.auditFile, deps);
  const close = () => {
    watch?.stop();
    limiter.close();
    audit?.close();
  };
  try {
    watch?.start();
    audit?.open();
  } catch (error) {
    close();
    throw error;
  }
  const reload = () => {
    audit?.reopen();
    watch?.reload();
  };
  return { keys, limiter, ...(audit && { audit }), requiresKey: options.requiresKey, reload, close };
}

/** Access with keys alone: no limits, no audit log. For an application that is not a node's. */
export function accessOf(keys: readonly ApiKey[] = [], deps: AccessDependencies): Access {
  return { keys: new ApiKeys(keys), limiter: new RateLimiter(NO_LIMITS, deps), requiresKey: false };
}

async function openLimiter(options: AccessOptions, deps: AccessDependencies): Promise<RateLimiter> {
  const { limits, redisPrefix } = options;
  const settings = limits.settingsFile === undefined ? undefined : await readRateSettings(limits.settingsFile);
  const redisUrl = limits.redisUrl ?? settings?.redisUrl;
  const shared = redisUrl === undefined ? undefined : await connect(redisUrl, redisPrefix, deps);
  const fromSettings = settings?.hasLimiters === true ? settings.address : ADDRESS_LIMIT_DEFAULT;
  return new RateLimiter(
    {
      address: offOr(limits.address ?? fromSettings),
      addressLimits: settings?.addressLimits ?? [],
      key: offOr(limits.key ?? KEY_LIMIT_DEFAULT),
      rules: settings?.rules ?? [],
      exempt: settings?.exempt ?? [],
      storeFailure: limits.storeFailure,
    },
    { ...deps, shared },
  );
}

const offOr = (limit: BucketPolicy | "off" | undefined) => (limit === "off" ? undefined : limit);

async function connect(url: string, prefix: string, deps: AccessDependencies): Promise<SharedBuckets> {
  const { openRedisStore } = await import("./redis-store.ts");
  const { shownRedisUrl } = await import("./redis-url.ts");
  deps.log.info("Limits are kept in Redis", { server: shownRedisUrl(url) });
  const shared = new SharedBuckets({ ...deps, store: await openRedisStore(url, prefix) });
  await shared.start();
  return shared;
}
