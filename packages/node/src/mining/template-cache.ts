import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { nextWorkRequired } from "@bitfleet/protocol/consensus/pow.ts";
import type { Chain } from "../chain/chain.ts";
import type { Clock } from "../ports.ts";
import type { BlockTemplate } from "./block-template.ts";
import type { Generator } from "./generate.ts";

/** While the tip stays, what else the mempool has got waits this long for a new template. */
const KEPT_MS = 5000;

export interface TemplateCacheDependencies {
  readonly chain: Pick<Chain, "tip" | "network">;
  readonly mempool: { readonly changeCount: number };
  readonly generator: Pick<Generator, "template">;
  readonly clock: Pick<Clock, "nowMs">;
}

/** A template with what the mempool's `changeCount` was when it was made. */
export interface KeptTemplate {
  readonly template: BlockTemplate;
  readonly changeCount: number;
}

/** The template for those who ask again and again: a new one for a new tip, else every five seconds at most. */
export class TemplateCache {
  readonly #deps: TemplateCacheDependencies;
  #kept: (KeptTemplate & { readonly madeMs: number }) | undefined;

  constructor(deps: TemplateCacheDependencies) {
    this.#deps = deps;
  }

  /** That of the template that was made last; 0 before the first. */
  get changeCount(): number {
    return this.#kept?.changeCount ?? 0;
  }

  /** A template on the tip, as of now: its time, and where that matters its target, are always new. */
  async current(): Promise<KeptTemplate> {
    let kept = this.#kept;
    if (kept === undefined || this.#isStale(kept)) {
      const { clock, generator, mempool } = this.#deps;
      const madeMs = clock.nowMs();
      // Before the choice is made: a change too many costs one template more, one too few would never be seen.
      const { changeCount } = mempool;
      kept = { template: await generator.template(), changeCount, madeMs };
    }
    this.#kept = { ...kept, template: this.#asOfNow(kept.template) };
    return this.#kept;
  }

  #isStale({ template, changeCount, madeMs }: KeptTemplate & { readonly madeMs: number }): boolean {
    const { chain, clock, mempool } = this.#deps;
    if (!equalBytes(template.previous.header.hash, chain.tip.hash)) return true;
    const ageSeconds = Math.floor(clock.nowMs() / 1000) - Math.floor(madeMs / 1000);
    return mempool.changeCount !== changeCount && ageSeconds > KEPT_MS / 1000;
  }

  /** Its time goes forward alone, even where the clock is set back: somebody may be at work on it. */
  #asOfNow(template: BlockTemplate): BlockTemplate {
    const { chain, clock } = this.#deps;
    const { params } = chain.network;
    const time = Math.max(template.time, Math.floor(clock.nowMs() / 1000));
    return { ...template, time, bits: nextWorkRequired(template.previous, { time }, params) };
  }
}
