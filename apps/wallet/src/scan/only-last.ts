/** Loads what is asked for. Of several who ask before it is there only the last one gets it, or its failure; the others get `undefined`. */
export function onlyLast<Value>(load: () => Promise<Value>): () => Promise<Value | undefined> {
  let askedCount = 0;
  return async () => {
    const place = ++askedCount;
    try {
      const value = await load();
      return place === askedCount ? value : undefined;
    } catch (error) {
      if (place === askedCount) throw error;
      return undefined;
    }
  };
}
