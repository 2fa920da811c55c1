import { DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { Notice } from "./notice.tsx";
import type { Task } from "./use-task.ts";

interface TaskEndProps {
  readonly task: Task;
  /** On the button. */
  readonly go: string;
  readonly isInDialog?: boolean;
}

/** The end of a form that does something: what went wrong with it, and the button that does it. */
export function TaskEnd({ task, go, isInDialog = false }: TaskEndProps): ReactElement {
  const button = (
    <Button type="submit" loading={task.isBusy}>
      {go}
    </Button>
  );
  return (
    <>
      {task.problem !== undefined && (
        <Notice tone="bad" role="alert">
          {task.problem}
        </Notice>
      )}
      {isInDialog ? <DialogButtons>{button}</DialogButtons> : <div className={formClasses.buttons}>{button}</div>}
    </>
  );
}
