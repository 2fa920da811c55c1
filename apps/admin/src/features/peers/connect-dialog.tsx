import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import classes from "./peers.module.css";
import { usePeerActions } from "./queries.ts";
import { texts } from "./texts.ts";

interface ConnectDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Asks for the node to connect to. */
export function ConnectDialog({ isOpen, onClose }: ConnectDialogProps): ReactElement {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={texts.connect.title} size="small">
      <ConnectForm onClose={onClose} />
    </Dialog>
  );
}

function ConnectForm({ onClose }: Pick<ConnectDialogProps, "onClose">): ReactElement {
  const [node, setNode] = useState("");
  const [isKept, setIsKept] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { connect } = usePeerActions();
  const submit = () => {
    const wanted = node.trim();
    if (wanted === "") return setProblem(texts.connect.missing);
    if (/\s/.test(wanted)) return setProblem(texts.connect.blank);
    connect.mutate(
      { node: wanted, keep: isKept },
      {
        onSuccess: () => {
          toast.good(texts.connect.done(wanted), { text: texts.connect.doneText });
          onClose();
        },
        onError: (error) => toast.failure(texts.connect.failed(wanted), error),
      },
    );
  };
  return (
    <form
      className={classes.form}
      aria-label={texts.connect.title}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        label={texts.connect.address}
        hint={texts.connect.hint}
        data-autofocus
        value={node}
        problem={problem}
        onChange={(event) => {
          setNode(event.target.value);
          setProblem(undefined);
        }}
      />
      <label className={classes.check}>
        <input type="checkbox" checked={isKept} onChange={(event) => setIsKept(event.target.checked)} />
        <span>
          {texts.connect.keep}
          <small>{texts.connect.keepHint}</small>
        </span>
      </label>
      <DialogButtons>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button type="submit" loading={connect.isPending}>
          {texts.connect.submit}
        </Button>
      </DialogButtons>
    </form>
  );
}
