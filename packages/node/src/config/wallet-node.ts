import { resolve } from "node:path";
import { keyFormProblem } from "../server/access/weak-keys.ts";
import { pathSetting } from "./files.ts";
import { ConfigError, type SettingSources } from "./settings.ts";
import { tryReadText } from "./try-read-text.ts";
import { textSetting } from "./values.ts";

/** The node whose wallet a web server's users have: it owns none itself. */
export interface WalletNodeConfig {
  /** Scheme, host and port, without a slash at the end. */
  readonly url: string;
  /** With the role wallet there. */
  readonly key: string;
}

/** `undefined` without `-walletnodeurl`. Throws `ConfigError`; never with a key in its message. */
export function walletNodeOf(sources: SettingSources, networkDir: string): WalletNodeConfig | undefined {
  const text = textSetting(sources, "walletnodeurl");
  if (text === undefined || text === "" || text === "0") return undefined;
  return { url: urlOf(text), key: keyOf(sources, networkDir) };
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && ["http:", "https:"].includes(url.protocol) && url.pathname === "/";
  // What else may be in it, a password say, would not be used, and is not shown.
  if (!isPlain || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new ConfigError(
      "Invalid value for -walletnodeurl (WALLET_NODE_URL): a scheme, a host and a port are expected, as http://miner-service:8080.",
    );
  }
  return url.origin;
}

function keyOf(sources: SettingSources, networkDir: string): string {
  const given = textSetting(sources, "walletnodekey") ?? "";
  const file = pathSetting(sources, "walletnodekeyfile");
  if (given !== "" && file !== undefined) {
    throw new ConfigError("-walletnodekey and -walletnodekeyfile cannot both be given: which key is meant?");
  }
  const key = file === undefined ? given : readKey(resolve(networkDir, file));
  if (key === "") {
    throw new ConfigError(
      "-walletnodeurl needs -walletnodekey or -walletnodekeyfile: a key with the role wallet at that node.",
    );
  }
  const problem = keyFormProblem(key, file === undefined ? "-walletnodekey" : "The key in -walletnodekeyfile");
  if (problem !== undefined) throw new ConfigError(problem);
  return key;
}

function readKey(path: string): string {
  const text = tryReadText(path);
  if (typeof text === "string") return text.trim();
  throw new ConfigError(`The file ${path} of -walletnodekeyfile cannot be read (${text.code}).`);
}
