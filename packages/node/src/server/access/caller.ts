import { isIP } from "node:net";
import { API_KEY_HEADER } from "@bitfleet/api/rest-routes.ts";
import type { FastifyRequest } from "fastify";
import type { KeyGrant } from "./api-keys.ts";

/** Who calls, as far as is known. */
export interface Caller {
  /** Where the call comes from: of a trusted proxy's caller, as the proxy tells. */
  readonly address: string;
  /** Whether somebody passed the call on who is not trusted: then `address` stands for all of that somebody's callers. */
  readonly isForwarded: boolean;
  /** Absent where no key was sent. */
  readonly key: Pick<KeyGrant, "name" | "role" | "allow"> | undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set before any route sees the request. */
    caller: Caller;
  }
}

const FORWARDED_HEADERS = ["x-forwarded-for", "forwarded", "x-real-ip"] as const;

/** Where a request comes from; its key is looked at elsewhere. */
export function originOf(request: FastifyRequest): Pick<Caller, "address" | "isForwarded"> {
  const socketAddress = plainAddress(request.socket.remoteAddress ?? "");
  // What a proxy passed on may be any text.
  const address = isIP(request.ip) === 0 ? socketAddress : plainAddress(request.ip);
  const isForwarded =
    address === socketAddress && FORWARDED_HEADERS.some((name) => request.headers[name] !== undefined);
  return { address, isForwarded };
}

/** An IPv4 address as such, also where a socket for both kinds shows it mapped into IPv6. */
export const plainAddress = (address: string) =>
  address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;

/** The key that came with the request. In a header, and never in a cookie: no page of another origin can have a browser send it along. */
export function sentKeyOf({ headers }: Pick<FastifyRequest, "headers">): string | undefined {
  const given = headers[API_KEY_HEADER] ?? /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  return typeof given === "string" && given !== "" ? given : undefined;
}
