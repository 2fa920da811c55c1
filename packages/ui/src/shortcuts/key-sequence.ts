/** How long after the first key the second may come. */
const PATIENCE_MS = 1_500;

/** Notices keys pressed one after the other: "g b". */
export class KeySequence {
  #first: { readonly key: string; readonly atMs: number } | undefined;

  /** Takes the key; the sequence of the list that it ends, or `undefined`. */
  press(key: string, nowMs: number, sequences: readonly string[]): string | undefined {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined && nowMs - first.atMs <= PATIENCE_MS) {
      const whole = `${first.key} ${key}`;
      if (sequences.includes(whole)) return whole;
    }
    if (sequences.some((sequence) => sequence.startsWith(`${key} `))) this.#first = { key, atMs: nowMs };
    return undefined;
  }
}
