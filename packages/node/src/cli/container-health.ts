import { isIPv6 } from "node:net";
import { askHealth, type HealthQuestion } from "../config/container/ask-health.ts";
import { type Environment, hasRole, isWebServer, textOf } from "../config/container/variables.ts";
import { splitHostPort } from "../config/values.ts";

/** A probe of Docker or Kubernetes gives up after its own time, and then nobody sees why. */
const ANSWER_TIMEOUT_MS = 2_500;
/** Of a web server in a container. */
const WEB_PORT = 8080;

/** `bitfleet health`: whether the node of this container is ready, or with `--live` of any use. Prints why not. Returns the exit code. */
export async function runHealth(words: readonly string[], environment: Environment): Promise<number> {
  const wrong = words.find((word) => word !== "--live");
  if (wrong !== undefined) {
    process.stderr.write(`Error: ${wrong} is not known here: "bitfleet health" takes --live, or nothing.\n`);
    return 1;
  }
  const isLive = words.includes("--live");
  const problem = await problemOf(isLive ? "/health/live" : "/health/ready", environment);
  process.stdout.write(`${problem ?? (isLive ? "alive" : "ready")}\n`);
  return problem === undefined ? 0 : 1;
}

async function problemOf(path: HealthQuestion["path"], environment: Environment): Promise<string | undefined> {
  try {
    const place = healthPlaceOf(environment);
    return "problem" in place ? place.problem : await askHealth({ ...place, path, timeoutMs: ANSWER_TIMEOUT_MS });
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where the node of the container answers about its health, of those places the one that is there for it; or why there is none. */
export function healthPlaceOf(
  environment: Environment,
): Pick<HealthQuestion, "host" | "port" | "isTls"> | { readonly problem: string } {
  if (!hasRole(environment)) {
    return { problem: "This is no container of a node: neither NODE_IS_MINER nor NODE_IS_WEB_SERVER is set." };
  }
  const isWeb = isWebServer(environment);
  const variable =
    textOf(environment, "WEB_METRICS_BIND") === undefined && !isWeb ? "WALLET_API_BIND" : "WEB_METRICS_BIND";
  const text = textOf(environment, variable);
  if (text === undefined && isWeb) {
    return { host: "127.0.0.1", port: WEB_PORT, isTls: textOf(environment, "WEB_TLS_CERT") !== undefined };
  }
  const place = text === undefined ? undefined : splitHostPort(text);
  if (place?.port !== undefined) return { host: reachable(place.host), port: place.port, isTls: false };
  return {
    problem:
      text === undefined
        ? "There is nobody to ask: WEB_METRICS_BIND says where the node tells how it is, as 0.0.0.0:9332."
        : `Invalid value '${text}' for ${variable}: an IP address with a port is expected, as 0.0.0.0:9332.`,
  };
}

/** Who listens on every address is asked on loopback. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return isIPv6(host) && /^[0:]+$/.test(host) ? "::1" : host;
}
