/** Why the node cannot start, or cannot go on: one plain sentence for the operator, with what helps. */
export class StartupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StartupError";
  }
}
