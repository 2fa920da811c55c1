import { stepCountOf } from "@bitfleet/wallet/descriptors/descriptor-work.ts";
import { socketTurn } from "../turns.ts";

/** Steps that are derived between two turns of the event loop: some milliseconds. */
const STEPS_PER_TURN = 64;

/** When the scripts of a descriptor are derived index by index, others have a turn in between: the sooner, the more its text takes. */
export class DerivationTurns {
  /** At least one: what one index takes is not divided. */
  readonly indexesPerTurn: number;
  #left: number;

  /** `text`: of the descriptor. */
  constructor(text: string) {
    this.indexesPerTurn = Math.max(1, Math.floor(STEPS_PER_TURN / stepCountOf(text)));
    this.#left = this.indexesPerTurn;
  }

  /** After each index of a variant: whether others should have their turn now. */
  isDue(): boolean {
    return --this.#left <= 0;
  }

  /** The turn of others. */
  give(): Promise<void> {
    this.#left = this.indexesPerTurn;
    return socketTurn();
  }
}
