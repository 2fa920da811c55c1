import { useRef, useState } from "react";

export interface Task {
  readonly isBusy: boolean;
  /** Why the last one failed, in a sentence. */
  readonly problem: string | undefined;
  /** Does one thing at a time: called again meanwhile it does nothing. */
  run(work: () => Promise<void>): Promise<void>;
  /** Forgets the problem, as when something else is entered. */
  clear(): void;
}

const UNKNOWN = "It failed, and the reason is not known. Try again.";

/** Something that takes a while and may fail, for a form: what it does meanwhile, and what to say of it. */
export function useTask(): Task {
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly problem?: string }>({ isBusy: false });
  const isRunning = useRef(false);
  return {
    isBusy: state.isBusy,
    problem: state.problem,
    clear: () => {
      if (!isRunning.current && state.problem !== undefined) setState({ isBusy: false });
    },
    run: async (work) => {
      if (isRunning.current) return;
      isRunning.current = true;
      setState({ isBusy: true });
      try {
        await work();
        setState({ isBusy: false });
      } catch (error) {
        setState({ isBusy: false, problem: error instanceof Error ? error.message : UNKNOWN });
      } finally {
        isRunning.current = false;
      }
    },
  };
}
