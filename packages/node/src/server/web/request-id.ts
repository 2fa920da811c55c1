import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

export const REQUEST_ID_HEADER = "x-request-id";
/** What an id may be that somebody else gave: nothing that could confuse a log. */
const ID_PATTERN = /^[A-Za-z0-9._:@/+=-]{1,64}$/;

/** The id that the client, or a proxy before us, gave a request, where it is one that we take over. */
export function givenRequestId({ headers }: Pick<IncomingMessage, "headers">): string | undefined {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === "string" && ID_PATTERN.test(given) ? given : undefined;
}

/** Makes the ids of requests that bring none: those of one run share a beginning and are numbered. */
export function requestIds(): (request: Pick<IncomingMessage, "headers">) => string {
  const run = randomBytes(4).toString("hex");
  let count = 0;
  return (request) => givenRequestId(request) ?? `${run}-${(++count).toString(36)}`;
}
