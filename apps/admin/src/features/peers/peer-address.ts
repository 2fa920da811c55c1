/** Host of an address as peers have it: `192.0.2.7` of `192.0.2.7:8333`, `2001:db8::1` of `[2001:db8::1]:8333`. */
export function hostOf(address: string): string {
  const bracketed = /^\[(.+)\](:\d+)?$/.exec(address);
  if (bracketed?.[1] !== undefined) return bracketed[1];
  // A bare IPv6 address has several colons and no port.
  return /^[^:]+:\d+$/.test(address) ? address.slice(0, address.lastIndexOf(":")) : address;
}

/** Port of an address; `undefined` where it says none. */
export function portOf(address: string): number | undefined {
  const [, port] = /^(?:\[.+\]|[^:]+):(\d+)$/.exec(address) ?? [];
  return port === undefined ? undefined : Number(port);
}

/** Whether the address is the machine's own. */
export function isOwnMachine(host: string): boolean {
  return /^(127\.|::1(\/128)?$|localhost$)/.test(host);
}
