import type { DesktopClient, TrialAnswer } from "@bitfleet/ui/desktop/desktop-client.ts";
import type { KeyRole } from "@bitfleet/ui/keys/key-store.ts";
import { KEY_ROLES, type Profile } from "./profile.ts";

/** What answers at a network's address. */
export type NetworkStanding =
  | {
      readonly kind: "up";
      readonly chain: string;
      readonly height: number;
      readonly isSyncing: boolean;
      readonly latencyMs: number;
      /** The key that it was read with; absent where it shows the chain to everybody. */
      readonly readBy: KeyRole | undefined;
    }
  /** It shows nothing without a key, and has none, or not the right one. */
  | { readonly kind: "key"; readonly isRefused: boolean }
  /** Something else than a Bitfleet web server. */
  | { readonly kind: "other" }
  | { readonly kind: "down"; readonly problem: string };

/** With what is asked before it is saved. */
export interface NetworkTrial {
  readonly standing: NetworkStanding;
  /** Of the software; absent where it does not say. */
  readonly version: string | undefined;
  /** Keys that it does not take for what they are meant for. */
  readonly refused: readonly KeyRole[];
}

type Asked = Pick<Profile, "url" | "keys">;
type Asker = Pick<DesktopClient, "tryAt">;

/** Asks the place for its chain, with a key of its own where it wants one. Rejects where `signal` ended it, and for nothing else. */
export async function askNetwork(client: Asker, { url, keys }: Asked, signal?: AbortSignal): Promise<NetworkStanding> {
  let readBy: KeyRole | undefined = keys.reading === "" ? undefined : "reading";
  const ask = async () => {
    const headers = headersWith(readBy === undefined ? "" : keys[readBy]);
    return client.tryAt({ url, path: "/api/v1/blockchain", headers }, signal);
  };
  let beganMs = performance.now();
  try {
    let answer = await ask();
    if (isRefusal(answer) && readBy === undefined) {
      readBy = KEY_ROLES.find((role) => keys[role] !== "");
      beganMs = performance.now();
      if (readBy !== undefined) answer = await ask();
    }
    if (isRefusal(answer)) return { kind: "key", isRefused: readBy !== undefined };
    const data = dataOf(answer) as { readonly [name: string]: unknown } | undefined;
    if (typeof data?.chain !== "string" || typeof data.height !== "number") {
      return answer.status >= 500 && isEnvelope(answer)
        ? { kind: "down", problem: errorOf(answer) ?? `It answers with status ${answer.status}.` }
        : { kind: "other" };
    }
    const latencyMs = Math.round(performance.now() - beganMs);
    const isSyncing = data.initial_block_download === true;
    return { kind: "up", chain: data.chain, height: data.height, isSyncing, latencyMs, readBy };
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: "down", problem: error instanceof Error ? error.message : "It does not answer." };
  }
}

/** Asks also what runs there, and whether each key is taken. */
export async function tryNetwork(client: Asker, asked: Asked, signal?: AbortSignal): Promise<NetworkTrial> {
  const standing = await askNetwork(client, asked, signal);
  if (standing.kind !== "up" && standing.kind !== "key") return { standing, version: undefined, refused: [] };
  const isTaken = async (role: "admin" | "wallet") => {
    if (asked.keys[role] === "") return true;
    const request = { url: asked.url, path: KEY_PATHS[role], headers: headersWith(asked.keys[role]) };
    return !isRefusal(await client.tryAt(request, signal));
  };
  try {
    const [admin, wallet, health] = await Promise.all([
      isTaken("admin"),
      isTaken("wallet"),
      client.tryAt({ url: asked.url, path: "/health", headers: headersWith("") }, signal),
    ]);
    const { version } = (dataOf(health) ?? {}) as { readonly version?: unknown };
    const refused: KeyRole[] = [...(admin ? [] : ["admin" as const]), ...(wallet ? [] : ["wallet" as const])];
    if (standing.kind === "key" && asked.keys.reading !== "") refused.push("reading");
    return { standing, version: typeof version === "string" ? version : undefined, refused };
  } catch (error) {
    signal?.throwIfAborted();
    const problem = error instanceof Error ? error.message : "It does not answer.";
    return { standing: { kind: "down", problem }, version: undefined, refused: [] };
  }
}

/** What a key of the role opens, and what costs the server little. */
const KEY_PATHS = { admin: "/api/admin/bans", wallet: "/api/wallet/wallets" } as const;

const headersWith = (key: string) => ({ accept: "application/json", ...(key !== "" && { "x-api-key": key }) });
const isRefusal = ({ status }: TrialAnswer) => status === 401 || status === 403;

interface Envelope {
  readonly success?: unknown;
  readonly data?: unknown;
  readonly error?: unknown;
}

function envelopeOf({ body }: TrialAnswer): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const isEnvelope = (answer: TrialAnswer) => envelopeOf(answer)?.success === false;
const dataOf = (answer: TrialAnswer): unknown => envelopeOf(answer)?.data ?? undefined;

function errorOf(answer: TrialAnswer): string | undefined {
  const error = envelopeOf(answer)?.error;
  return typeof error === "string" ? error : undefined;
}
