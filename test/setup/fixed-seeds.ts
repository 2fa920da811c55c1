/**
 * Property tests make the same inputs in every run, so that a change is judged by what it changes. `FUZZ_SEED` takes another seed,
 * a whole number, or `random`; a failure prints the one it had.
 */
import fc from "fast-check";

const SEED = 20_260_101;

const wanted = process.env.FUZZ_SEED ?? String(SEED);
if (wanted !== "random") {
  const seed = Number(wanted);
  if (!Number.isSafeInteger(seed))
    throw new Error(`FUZZ_SEED is '${wanted}'; a whole number or 'random' was expected.`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
