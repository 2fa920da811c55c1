import { Container, type ContainerOptions, type Exit } from "./container-process.ts";
import type { Container as ContainerSpec } from "./kubernetes-types.ts";
import type { NamespaceAgent } from "./namespace-agent.ts";
import { act, type Probed, pause, repeatProbe } from "./probes.ts";

/** Waits before a container is started again, one after another; the kubelet's. */
const BACK_OFF_SECONDS = [0, 10, 20, 40, 80, 160, 300];
/** Of a hook before the stop, beyond which the kubelet does not wait but for the grace period. */
const HOOK_TIMEOUT_MS = 60_000;

export interface PodContainerOptions {
  readonly spec: ContainerSpec;
  readonly address: string;
  readonly graceSeconds: number;
  readonly speed: number;
  /** Made anew at each start: a restart sees the variables of that time. */
  readonly process: () => ContainerOptions;
  readonly node: NamespaceAgent;
  readonly onEvent: (what: string) => void;
  /** The state of readiness or of running has changed. */
  readonly onChange: () => void;
}

/** One container of a pod through its lives: started, probed, started again when it ends, and stopped in the end. */
export class PodContainer {
  readonly name: string;
  isReady = false;
  starts = 0;
  process: Container | undefined;
  readonly #options: PodContainerOptions;
  readonly #stopping = new AbortController();
  #stopped: Promise<void> = Promise.resolve();

  constructor(options: PodContainerOptions) {
    this.#options = options;
    this.name = options.spec.name;
  }

  /** Starts it, and keeps it running until {@link stop}. */
  start(): void {
    this.#stopped = this.#keepRunning();
  }

  /** SIGTERM after the hook, SIGKILL after the grace period. Resolves when it has ended. */
  async stop(graceSeconds: number): Promise<void> {
    const graceMs = graceSeconds * 1000;
    this.#stopping.abort();
    const timer = setTimeout(() => this.process?.kill("SIGKILL"), graceMs);
    const hook = this.#options.spec.lifecycle?.preStop;
    if (hook !== undefined && graceMs > 0) {
      const why = await Promise.race([act(hook, this.#probed(), HOOK_TIMEOUT_MS), this.#stopped.then(() => undefined)]);
      if (why !== undefined) this.#options.onEvent(`hook failed: ${why}`);
    }
    this.process?.kill(graceMs === 0 ? "SIGKILL" : "SIGTERM");
    await this.#stopped;
    clearTimeout(timer);
  }

  /** Runs a command inside, as `kubectl exec` does. */
  run(command: readonly string[], timeoutMs = 20_000): Promise<{ code: number; output: string }> {
    return this.process?.run(command, timeoutMs) ?? Promise.resolve({ code: -1, output: "not started" });
  }

  async #keepRunning(): Promise<void> {
    const { onEvent, speed } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const backOff = BACK_OFF_SECONDS[Math.min(this.starts, BACK_OFF_SECONDS.length) - 1] ?? 0;
      await pause((backOff * 1000) / speed, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      const exit = await this.#live();
      onEvent(exit === undefined ? "cannot be started" : `exited ${exit.signal ?? exit.code}`);
    }
  }

  /** One life, from its start to its end. */
  async #live(): Promise<Exit | undefined> {
    const { onEvent, onChange, spec, speed } = this.#options;
    this.starts += 1;
    try {
      this.process = new Container(this.#options.process());
    } catch (error) {
      onEvent(`CreateContainerConfigError: ${(error as Error).message}`);
      return undefined;
    }
    const process = this.process;
    await process.started();
    onEvent("started");
    const ended = new AbortController();
    const probesEnd = AbortSignal.any([ended.signal, this.#stopping.signal]);
    const probed = this.#probed();
    this.#setReady(spec.readinessProbe === undefined && spec.startupProbe === undefined);
    const probing = this.#probe(probed, process, speed, probesEnd);
    const exit = await process.exited;
    ended.abort();
    await probing;
    this.#setReady(false);
    onChange();
    return exit;
  }

  async #probe(probed: Probed, process: Container, speed: number, signal: AbortSignal): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.#options.spec;
    if (startupProbe !== undefined) {
      const started = new AbortController();
      const onSuccess = () => started.abort();
      const onFailure = (why: string) =>
        this.#restart(process, `startup probe: ${why}`, startupProbe.terminationGracePeriodSeconds);
      await repeatProbe(
        startupProbe,
        probed,
        speed,
        { onSuccess, onFailure },
        AbortSignal.any([signal, started.signal]),
      );
      if (signal.aborted) return;
    }
    if (readinessProbe === undefined) this.#setReady(true);
    const tasks: Promise<void>[] = [];
    if (readinessProbe !== undefined) {
      const onFailure = (why: string) => this.#setReady(false, why);
      tasks.push(
        repeatProbe(readinessProbe, probed, speed, { onSuccess: () => this.#setReady(true), onFailure }, signal),
      );
    }
    if (livenessProbe !== undefined) {
      const onFailure = (why: string) =>
        this.#restart(process, `liveness probe: ${why}`, livenessProbe.terminationGracePeriodSeconds);
      // At the pace of the manifest: a machine that is busy with tests must not have its pods killed earlier than a cluster would.
      tasks.push(repeatProbe(livenessProbe, probed, 1, { onSuccess: () => {}, onFailure }, signal));
    }
    await Promise.all(tasks);
  }

  #restart(process: Container, why: string, graceSeconds = this.#options.graceSeconds): void {
    this.#options.onEvent(`killed: ${why}`);
    process.kill("SIGTERM");
    void pause(graceSeconds * 1000, AbortSignal.any([this.#stopping.signal])).then(() => process.kill("SIGKILL"));
  }

  #setReady(isReady: boolean, why = ""): void {
    if (isReady === this.isReady) return;
    this.isReady = isReady;
    this.#options.onEvent(isReady ? "ready" : `not ready ${why}`.trim());
    this.#options.onChange();
  }

  #probed(): Probed {
    const { address, node, spec } = this.#options;
    return { address, container: spec, node, run: (command, timeoutMs) => this.run(command, timeoutMs) };
  }
}
