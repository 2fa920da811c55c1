/** Where a server listens. Port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:18443`, `[::1]:18443`. */
export function addressText(address: ListenAddress): string {
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** A server that could not take its address. `code` is the system's: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export class ListenError extends Error {
  readonly address: ListenAddress;
  readonly code: string;

  constructor(address: ListenAddress, code: string) {
    super(`cannot listen on ${addressText(address)}: ${LISTEN_FAILURES[code] ?? code}`);
    this.name = "ListenError";
    this.address = address;
    this.code = code;
  }
}

const LISTEN_FAILURES: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken by another program",
  EACCES: "this user may not take the port",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "the host name is not known",
};
