/** What reading and deriving a descriptor costs, as its text shows before either is begun. */

/** Characters of all variants of a descriptor (BIP389) together: 999 keys with origins, to receive and for change, take 300,000. */
export const DESCRIPTOR_CHARACTERS_MAX = 500_000;
/** Steps of all variants that are derived, a tenth of a millisecond each: 999 keys of three steps, to receive and for change, take 6,000. */
export const DESCRIPTOR_STEPS_MAX = 10_000;

/** BIP327: to bring keys together takes as long as to derive some for each. */
const STEPS_PER_PARTICIPANT = 8;

/** One sentence where a descriptor's text is longer, or stands for more, than is read from others. */
export function excessOf(text: string): string | undefined {
  const variantCount = variantCountOf(text);
  const characterCount = text.length * variantCount;
  if (characterCount > DESCRIPTOR_CHARACTERS_MAX) {
    return `Descriptor is too long: its variants have ${characterCount} characters, more than ${DESCRIPTOR_CHARACTERS_MAX}`;
  }
  const stepCount = stepCountOf(text) * variantCount;
  if (stepCount <= DESCRIPTOR_STEPS_MAX) return undefined;
  return `Descriptor takes too much work: its variants have ${stepCount} steps, more than ${DESCRIPTOR_STEPS_MAX}`;
}

/** Steps that are derived for one index of one variant, at most; at least one. */
export function stepCountOf(text: string): number {
  // Steps of an origin are told, not derived.
  const derived = text.includes("[") ? text.replace(/\[[^\]]*\]/g, "") : text;
  const participantCount = text.includes("musig(") ? countOf(derived, ",") + 1 : 0;
  return Math.max(1, countOf(derived, "/") + participantCount * STEPS_PER_PARTICIPANT);
}

/** Values of the multipath step that has the most, all of which have as many in a descriptor that can be read. */
function variantCountOf(text: string): number {
  let most = 1;
  for (let start = text.indexOf("<"); start >= 0; start = text.indexOf("<", start + 1)) {
    const end = text.indexOf(">", start);
    if (end < 0) break;
    most = Math.max(most, countOf(text, ";", start, end) + 1);
    start = end;
  }
  return most;
}

function countOf(text: string, mark: string, from = 0, end = text.length): number {
  let count = 0;
  for (let at = text.indexOf(mark, from); at >= 0 && at < end; at = text.indexOf(mark, at + 1)) count++;
  return count;
}
