import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Random } from "../../ports.ts";

/** Who may call JSON-RPC. A password is kept as its salted hash, never as such. */
export interface RpcCredential {
  readonly user: string;
  readonly salt: string;
  /** HMAC-SHA256 of the password, keyed with the salt: 64 hex digits. */
  readonly passwordHash: string;
}

/** User name of the cookie. */
export const COOKIE_USER = "__cookie__";

const SALT_BYTES = 16;
const COOKIE_BYTES = 32;

/** A credential from `-rpcauth=user:salt$hash`, or `undefined` where the text is none. */
export function parseRpcAuth(text: string): RpcCredential | undefined {
  const [user, secret, ...more] = text.split(":");
  const [salt, passwordHash, ...evenMore] = secret?.split("$") ?? [];
  if (user === undefined || salt === undefined || passwordHash === undefined) return undefined;
  return more.length + evenMore.length > 0 ? undefined : { user, salt, passwordHash };
}

/** A credential from `-rpcuser` and `-rpcpassword`. */
export function passwordCredential(user: string, password: string, random: Pick<Random, "bytes">): RpcCredential {
  const salt = Buffer.from(random.bytes(SALT_BYTES)).toString("hex");
  return { user, salt, passwordHash: hashOf(salt, password) };
}

/** A fresh cookie: the line to write into the cookie file, and the credential it is. */
export function cookieCredential(random: Pick<Random, "bytes">): {
  readonly line: string;
  readonly credential: RpcCredential;
} {
  const password = Buffer.from(random.bytes(COOKIE_BYTES)).toString("hex");
  return { line: `${COOKIE_USER}:${password}`, credential: passwordCredential(COOKIE_USER, password, random) };
}

const hashOf = (salt: string, password: string) => createHmac("sha256", salt).update(password).digest("hex");

/** User and password of an `Authorization: Basic` header. */
function basicAuth(header: string): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]*={0,2}) *$/.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The user a request is of, or `undefined` where it may not call. Takes the same time however wrong a password is. */
export function authorize(header: string, credentials: readonly RpcCredential[]): string | undefined {
  const given = basicAuth(header);
  if (given === undefined) return undefined;
  let authorized = false;
  for (const credential of credentials) {
    const sameUser = equalInConstantTime(credential.user, given.user);
    const samePassword = equalInConstantTime(credential.passwordHash, hashOf(credential.salt, given.password));
    authorized = (sameUser && samePassword) || authorized;
  }
  return authorized ? given.user : undefined;
}

/** Compares through hashes of equal length, so that neither content nor length shows in the time. */
function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

/** `-rpcwhitelist`: methods each listed user may call. */
export interface RpcWhitelist {
  readonly methodsByUser: ReadonlyMap<string, ReadonlySet<string>>;
  /** `-rpcwhitelistdefault`: a user who is not listed may call nothing. */
  readonly refuseOthers: boolean;
}

/** Reads `-rpcwhitelist=user:method,method` lines; where a user has several, what all of them allow. */
export function parseRpcWhitelist(lines: readonly string[], refuseOthers: boolean): RpcWhitelist {
  const methodsByUser = new Map<string, ReadonlySet<string>>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const user = colon < 0 ? line : line.slice(0, colon);
    const methods = new Set(colon < 0 ? [] : line.slice(colon + 1).split(/[, ]/));
    const earlier = methodsByUser.get(user);
    methodsByUser.set(
      user,
      earlier === undefined ? methods : new Set([...methods].filter((name) => earlier.has(name))),
    );
  }
  return { methodsByUser, refuseOthers };
}

/** Whether `user` may call `method`. */
export function isAllowed(whitelist: RpcWhitelist | undefined, user: string, method: string): boolean {
  return whitelist?.methodsByUser.get(user)?.has(method) ?? whitelist?.refuseOthers !== true;
}
