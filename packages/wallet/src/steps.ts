/**
 * Long work in small steps: behind each it answers how far it has come. Who leads it may do all at once, or let others have their turn in between
 * ({@link inTurns}); ended before its end it tidies up.
 */
export type Steps<Result> = Generator<StepNote, Result, void>;

/** `sign`: signatures are made. `check`: scripts and signatures are looked at. */
export interface StepNote {
  readonly work: "sign" | "check";
  readonly done: number;
  readonly total: number;
}

/** When others are to have their turn, and how. */
export interface Turns {
  /** Asked after each step. */
  isDue(): boolean;
  /** Resolves behind the others. */
  give(): Promise<void>;
}

/** What steps come to, with no turn for anybody else. */
export function allAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** How long work is led. */
export interface Lead {
  readonly turns: Turns;
  /** Ends it at the next turn: rejects with the signal's reason. */
  readonly signal?: Pick<AbortSignal, "throwIfAborted"> | undefined;
  readonly onStep?: ((note: StepNote) => void) | undefined;
}

/** What steps come to, with turns for others in between. */
export async function inTurns<Result>(steps: Steps<Result>, { turns, signal, onStep }: Lead): Promise<Result> {
  try {
    for (;;) {
      signal?.throwIfAborted();
      const step = steps.next();
      if (step.done) return step.value;
      onStep?.(step.value);
      if (turns.isDue()) await turns.give();
    }
  } finally {
    // What was begun and not brought to its end tidies up; what has ended, or was not begun, has nothing to do.
    steps.return(undefined as never);
  }
}
