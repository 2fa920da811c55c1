/** Work that is done one after the other, in the order of the calls. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  run<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** When all that was begun until now is done, well or not. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
