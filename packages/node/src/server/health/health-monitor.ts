import type { Health, HealthCheck, HealthCheckName, HealthCheckStatus } from "@bitfleet/api/rest/health.ts";
import type { Clock, Logger } from "../../ports.ts";
import { type Finding, findings, type HealthSubjects } from "./health-checks.ts";

/** Without anybody asking the checks are made this often, so that it is known since when something is wrong. */
const LOOK_INTERVAL_MS = 5_000;

interface Remembered {
  readonly status: HealthCheckStatus;
  readonly since: string;
}

/** Makes the checks, remembers since when each is as it is, and says in the log when one changes. */
export class HealthMonitor {
  readonly #subjects: HealthSubjects;
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #remembered = new Map<HealthCheckName, Remembered>();
  #cancel: (() => void) | undefined;

  constructor(subjects: HealthSubjects, deps: { readonly clock: Clock; readonly log: Logger }) {
    this.#subjects = subjects;
    this.#deps = deps;
  }

  start(): void {
    this.checks();
    this.#cancel = this.#deps.clock.after(LOOK_INTERVAL_MS, () => this.start());
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Every check as it is now. */
  checks(): readonly HealthCheck[] {
    return findings(this.#subjects).map((finding) => ({ ...finding, since: this.#since(finding) }));
  }

  /** The node in one word: a check that fails makes it unhealthy, one that warns degraded. */
  overall(checks: readonly HealthCheck[]): Health["status"] {
    const { status } = this.#subjects.state;
    if (status !== "healthy") return status;
    if (checks.some((check) => check.status === "fail")) return "unhealthy";
    return checks.some((check) => check.status === "warn") ? "degraded" : "healthy";
  }

  /** Why the process should be replaced, as a sentence; `undefined` where it lives. */
  get notLive(): string | undefined {
    return this.#failing((name) => name === "event-loop");
  }

  /** Why no traffic should be sent here, as a sentence; `undefined` where it may. */
  get notReady(): string | undefined {
    return this.#failing(() => true);
  }

  #failing(concerns: (name: HealthCheckName) => boolean): string | undefined {
    return this.checks().find(({ name, status }) => status === "fail" && concerns(name))?.detail;
  }

  #since({ name, status, detail }: Finding): string {
    const before = this.#remembered.get(name);
    if (before?.status === status) return before.since;
    const since = new Date().toISOString();
    this.#remembered.set(name, { status, since });
    // How it begins, and that it starts and stops, is said elsewhere.
    if (before !== undefined && name !== "node") this.#tell(name, status, detail);
    return since;
  }

  #tell(name: HealthCheckName, status: HealthCheckStatus, detail: string): void {
    const { log } = this.#deps;
    const facts = { check: name, status, detail };
    if (status === "pass") log.info("Health", facts);
    else log.warn("Health", facts);
  }
}
