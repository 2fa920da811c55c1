import type { Logger } from "./ports.ts";

/** The operator asked the node to stop while it was starting. No error: the node ends cleanly. */
export class StartInterrupted extends Error {
  constructor() {
    super("stopped while starting");
    this.name = "StartInterrupted";
  }
}

interface StopStep {
  readonly name: string;
  readonly stop: () => void | Promise<void>;
}

/**
 * Starts services in order and stops those that started in reverse. A wish to stop may come at any time, from any side
 * (signal, RPC, a fatal error); it is remembered, and honoured between two steps.
 */
export class Lifecycle {
  readonly #steps: StopStep[] = [];
  readonly #stop = new AbortController();
  /** What is done between the wish to stop and the stop. */
  readonly #farewells: ((signal: AbortSignal) => Promise<void>)[] = [];
  #isLeaving = false;
  #stopping: Promise<void> | undefined;
  #failure: Error | undefined;

  /** Aborted as soon as anybody asked for the end, and what is to be done before it is done. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What made the node stop, where it was no wish of the operator. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /**
   * Has `work` done when the end is asked for and everything runs on, which it does until all such work is over. Its signal is aborted where
   * the end does not wait: the node cannot go on.
   */
  beforeStop(work: (signal: AbortSignal) => Promise<void>): void {
    this.#farewells.push(work);
  }

  requestStop(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    if (this.#farewells.length === 0) this.#stop.abort();
    else void this.#leave();
  }

  /** Does not wait for what is done before the stop. Whether it was waited for until now. */
  cutFarewells(): boolean {
    if (!this.#isLeaving || this.#stop.signal.aborted) return false;
    this.#stop.abort();
    return true;
  }

  async #leave(): Promise<void> {
    const { signal } = this.#stop;
    const outcomes = await Promise.allSettled(this.#farewells.map((work) => work(signal)));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) this.#failure ??= failed.reason as Error;
    this.#stop.abort();
  }

  /** Asks for the end because the node cannot go on. The first reason counts. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#stop.abort();
  }

  /** Resolves when the end is asked for. */
  stopRequested(): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  /** Runs one step of the start and remembers how it is undone. Throws {@link StartInterrupted} where the end was asked for. */
  async start<Service>(
    name: string,
    begin: () => Service | Promise<Service>,
    stop: (service: Service) => void | Promise<void>,
  ): Promise<Service> {
    if (this.#stop.signal.aborted) throw new StartInterrupted();
    const service = await begin();
    this.#steps.push({ name, stop: () => stop(service) });
    return service;
  }

  /** Undoes every step in reverse order. One that fails is logged and does not keep the rest from ending. */
  stopAll(log: Logger): Promise<void> {
    this.#stop.abort();
    this.#stopping ??= this.#stopSteps(log);
    return this.#stopping;
  }

  async #stopSteps(log: Logger): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.stop();
      } catch (error) {
        this.#failure ??= error as Error;
        log.error(`Error while stopping ${step.name}`, { error: String((error as Error).stack ?? error) });
      }
    }
  }
}
