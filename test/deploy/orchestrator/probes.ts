import type { Action, Container as ContainerSpec, PortReference, Probe } from "./kubernetes-types.ts";
import type { NamespaceAgent } from "./namespace-agent.ts";

const PERIOD_SECONDS = 10;
const TIMEOUT_SECONDS = 1;
const FAILURES = 3;

/** Whom a probe asks. */
export interface Probed {
  readonly address: string;
  readonly container: ContainerSpec;
  readonly run: (command: readonly string[], timeoutMs: number) => Promise<{ code: number; output: string }>;
  /** Opens connections from the node, as the kubelet does. */
  readonly node: NamespaceAgent;
}

/** Does what a probe or a hook says once. Answers why it failed; undefined where it did not. */
export async function act(action: Action, probed: Probed, timeoutMs: number): Promise<string | undefined> {
  const { exec, httpGet, tcpSocket, sleep } = action;
  if (exec !== undefined) {
    const { code, output } = await probed.run(exec.command, timeoutMs);
    return code === 0 ? undefined : `${exec.command.join(" ")} ended with ${code}: ${output}`;
  }
  if (sleep !== undefined) {
    await pause(sleep.seconds * 1000);
    return undefined;
  }
  try {
    if (httpGet !== undefined) {
      if (httpGet.scheme !== undefined && httpGet.scheme !== "HTTP")
        throw new Error(`a probe of ${httpGet.scheme} is not known`);
      const port = portNumber(httpGet.port, probed.container);
      const headers = { "user-agent": "kube-probe/1.32", connection: "close" };
      const path = httpGet.path ?? "/";
      const { status, body } = await probed.node.http({ address: probed.address, port, path, headers, timeoutMs });
      return status >= 200 && status < 400 ? undefined : `GET ${path} answered ${status}: ${body.slice(0, 300)}`;
    }
    if (tcpSocket !== undefined) {
      const socket = await probed.node.connect(probed.address, portNumber(tcpSocket.port, probed.container), timeoutMs);
      socket.destroy();
      return undefined;
    }
  } catch (error) {
    return String((error as Error).message);
  }
  throw new Error(
    "A probe or hook does nothing that the orchestrator knows: exec, httpGet, tcpSocket or sleep was expected.",
  );
}

/** The number of a port that may be given by its name in the container. Throws where there is no such name. */
export function portNumber(port: PortReference, container: ContainerSpec): number {
  if (typeof port === "number") return port;
  const found = container.ports?.find(({ name }) => name === port);
  if (found === undefined) throw new Error(`The container '${container.name}' has no port named '${port}'.`);
  return found.containerPort;
}

export interface ProbeReports {
  readonly onSuccess: () => void;
  /** The failures in a row have reached the threshold. */
  readonly onFailure: (why: string) => void;
}

/**
 * Asks again and again, until `signal` is given, and reports each time that as many answers in a row are alike as the thresholds
 * say. Waits are shortened by `speed`; what a probe may take is not, since the machine is as slow as it is.
 */
export async function repeatProbe(
  probe: Probe,
  probed: Probed,
  speed: number,
  reports: ProbeReports,
  signal: AbortSignal,
) {
  const periodMs = ((probe.periodSeconds ?? PERIOD_SECONDS) * 1000) / speed;
  const timeoutMs = (probe.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000;
  let successes = 0;
  let failures = 0;
  await pause(((probe.initialDelaySeconds ?? 0) * 1000) / speed, signal);
  while (!signal.aborted) {
    const why = await act(probe, probed, timeoutMs);
    if (signal.aborted) return;
    successes = why === undefined ? successes + 1 : 0;
    failures = why === undefined ? 0 : failures + 1;
    if (why === undefined && successes >= (probe.successThreshold ?? 1)) reports.onSuccess();
    if (why !== undefined && failures >= (probe.failureThreshold ?? FAILURES)) reports.onFailure(why);
    await pause(periodMs, signal);
  }
}

/** Waits; no longer than until `signal` is given. */
export function pause(timeMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, timeMs);
    signal?.addEventListener("abort", end, { once: true });
  });
}
