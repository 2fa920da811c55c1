/** Addresses of a Redis, as options, environment and settings give them. */

const PORT_DEFAULT = 6379;

/** `host:port`, `redis://…` and `rediss://…` (TLS) as a URL; `undefined` for anything else. */
export function redisUrlOf(text: string): string | undefined {
  const hasScheme = /^rediss?:\/\//i.test(text);
  if (!hasScheme && (text.includes("://") || /[\s/@]/.test(text))) return undefined;
  try {
    const url = new URL(hasScheme ? text : `redis://${text}`);
    const isDatabase = /^(\/\d{0,4})?$/.test(url.pathname);
    return url.hostname !== "" && isDatabase && url.search === "" && url.hash === "" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** `host:port` of such a URL, for logs: without user and password. */
export function shownRedisUrl(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === "" ? PORT_DEFAULT : port}`;
}
