import { ChevronRightIcon } from "@bitfleet/ui/icons.tsx";
import type { ReactElement } from "react";
import classes from "./onboarding.module.css";

interface ChoiceButtonProps {
  readonly icon: ReactElement;
  readonly title: string;
  readonly about: string;
  readonly onChoose: () => void;
}

/** One way to go on, with what it is for. */
export function ChoiceButton({ icon, title, about, onChoose }: ChoiceButtonProps): ReactElement {
  return (
    <button type="button" className={classes.choice} onClick={onChoose}>
      <span>{icon}</span>
      <span>
        <strong>{title}</strong>
        <small>{about}</small>
      </span>
      <ChevronRightIcon />
    </button>
  );
}
