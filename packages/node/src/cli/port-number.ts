import { InvalidArgumentError } from "commander";

/** The port that an option names. */
export function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError("A port from 1 to 65535 is expected.");
  return port;
}
