/** Requests that are under way at once: servers limit them, and a phone's connection gains nothing from more. */
export const REQUESTS_AT_ONCE = 6;

/** The answers of `ask` for each item, in their order, so many at a time. Rejects with the first failure, and begins no more then. */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  atOnce = REQUESTS_AT_ONCE,
): Promise<Answer[]> {
  const answers: Answer[] = new Array<Answer>(items.length);
  let next = 0;
  let hasFailed = false;
  const work = async () => {
    while (next < items.length && !hasFailed) {
      const place = next++;
      try {
        answers[place] = await ask(items[place]!);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return answers;
}
