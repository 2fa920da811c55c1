import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What a window opens its first document with. */
export const TOKEN_LIFE_MS = 60_000;
/** Windows that are being opened at the same time. */
const TOKENS_MAX = 16;
const TOKEN_BYTES = 32;

export interface OneTimeTokens<Purpose> {
  /** A new one: 256 random bits as base64url. */
  issue(purpose: Purpose): string;
  /** What the token was for, the first time that it is shown within its life; `undefined` for every other. */
  redeem(token: string): Purpose | undefined;
}

/**
 * Tokens that work once, and not for long. A wrong one voids nothing: it cannot be guessed, and whoever may knock on the port could else keep
 * windows from opening.
 */
export function oneTimeTokens<Purpose>(nowMs: () => number): OneTimeTokens<Purpose> {
  const known: { readonly hash: Buffer; readonly purpose: Purpose; readonly endsMs: number }[] = [];
  return {
    issue: (purpose) => {
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      if (known.length >= TOKENS_MAX) known.shift();
      known.push({ hash: hashOf(token), purpose, endsMs: nowMs() + TOKEN_LIFE_MS });
      return token;
    },
    redeem: (token) => {
      const hash = hashOf(token);
      const index = known.findIndex((one) => timingSafeEqual(one.hash, hash));
      if (index === -1) return undefined;
      const [found] = known.splice(index, 1);
      return nowMs() < found!.endsMs ? found!.purpose : undefined;
    },
  };
}

/** Whether two secrets are the same, in a time that tells nothing of them. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(expected));
}

/** Of one length whatever is given, as the comparison needs. */
const hashOf = (text: string) => createHash("sha256").update(text).digest();
