import { constants } from "node:os";
import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { expect, test } from "vitest";
import { bindFailure } from "./bind-failure.ts";

const { errno } = constants;

test.each([
  ["EADDRINUSE", ". Bitfleet is probably already running."],
  ["EADDRNOTAVAIL", ` (bind returned error Cannot assign requested address (${errno.EADDRNOTAVAIL}))`],
  ["EACCES", ` (bind returned error Permission denied (${errno.EACCES}))`],
  ["EPERM", ` (bind returned error EPERM (${errno.EPERM}))`],
  ["something new", " (bind returned error something new)"],
])("%s", (code, text) => {
  const error = bindFailure(parseEndpoint("[::1]:7", 0)!, code);
  expect(error.message).toBe(`Unable to bind to [::1]:7 on this computer${text}`);
  expect(error.consequence).toBe("Failed to listen on any port. Use -listen=0 if you want this.");
});
