export interface StartupErrorOptions extends ErrorOptions {
  /** What follows from it, where that is a sentence of its own, in a line of its own. */
  readonly consequence?: string;
  /** Core would ask whether to rebuild, and does not call it an error: tools match on the whole text. */
  readonly asksForRebuild?: boolean;
}

/** Why the node cannot start, or cannot go on: one plain sentence for the operator, with what helps. */
export class StartupError extends Error {
  readonly consequence: string | undefined;
  readonly asksForRebuild: boolean;

  constructor(message: string, options?: StartupErrorOptions) {
    super(message, options);
    this.name = "StartupError";
    this.consequence = options?.consequence;
    this.asksForRebuild = options?.asksForRebuild ?? false;
  }
}
