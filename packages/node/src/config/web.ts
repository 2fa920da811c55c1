import { ConfigError, type SettingSources } from "./settings.ts";
import { portSetting, textSetting } from "./values.ts";

/** How page, REST API, health and metrics are offered. */
export interface WebConfig {
  readonly host: string;
  readonly port: number;
  /** Opens the routes under /api/admin. */
  readonly adminKey: string | undefined;
}

/** `undefined` without `-webport`. Throws `ConfigError`. */
export function webConfigOf(sources: SettingSources): WebConfig | undefined {
  const text = textSetting(sources, "webport");
  if (text === undefined || text === "0") return undefined;
  const adminKey = textSetting(sources, "webadminkey");
  if (adminKey !== undefined && !/^[!-~]{1,256}$/.test(adminKey)) {
    throw new ConfigError("-webadminkey must be 1 to 256 printable ASCII characters without spaces.");
  }
  return { host: textSetting(sources, "webbind") ?? "127.0.0.1", port: portSetting(sources, "webport")!, adminKey };
}
