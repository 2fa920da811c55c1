/**
 * Folds a choice of some of many: `best[j]` of the answer is the best way to have j of the items satisfied and the others
 * dissatisfied. `join` puts an item's part behind what there is, `either` chooses between two ways.
 */
export function waysToChoose<Way>(
  items: readonly { readonly satisfied: Way; readonly dissatisfied: Way }[],
  none: Way,
  join: (before: Way, item: Way, index: number) => Way,
  either: (a: Way, b: Way) => Way,
): readonly Way[] {
  let best: Way[] = [none];
  items.forEach(({ satisfied, dissatisfied }, index) => {
    const next = [join(best[0]!, dissatisfied, index)];
    for (let count = 1; count < best.length; count++) {
      next.push(either(join(best[count]!, dissatisfied, index), join(best[count - 1]!, satisfied, index)));
    }
    next.push(join(best.at(-1)!, satisfied, index));
    best = next;
  });
  return best;
}
