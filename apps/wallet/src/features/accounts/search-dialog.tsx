import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import { GAP_LIMIT_MAX } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { type FormEvent, type ReactElement, useState } from "react";
import { GapLimitField } from "../../gap/gap-limit-field.tsx";
import { readGapLimit } from "../../gap/read-gap-limit.ts";
import type { WalletSummary } from "../../session/records.ts";
import { useSession } from "../../session-provider.tsx";
import { TaskEnd } from "../../task-end.tsx";
import { useTask } from "../../use-task.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.search;
/** What is offered first: so many times what was looked through. */
const STEP_FIRST = 5;

interface SearchDialogProps {
  readonly wallet: WalletSummary;
  readonly onClose: () => void;
}

/** Begins a search behind longer gaps; how it goes is told with the wallet. */
export function SearchDialog({ wallet, onClose }: SearchDialogProps): ReactElement {
  return (
    <Dialog isOpen onClose={onClose} title={texts.title(wallet.name)} size="small">
      {wallet.gapLimit >= GAP_LIMIT_MAX ? (
        <p className={formClasses.note}>{texts.atMost(formatCount(GAP_LIMIT_MAX))}</p>
      ) : (
        <SearchForm wallet={wallet} onClose={onClose} />
      )}
    </Dialog>
  );
}

function SearchForm({ wallet: { id, gapLimit }, onClose }: SearchDialogProps): ReactElement {
  const session = useSession();
  const [entry, setEntry] = useState(String(Math.min(GAP_LIMIT_MAX, gapLimit * STEP_FIRST)));
  const [problem, setProblem] = useState<string>();
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = readGapLimit(entry, gapLimit + 1);
    if ("problem" in read) return setProblem(read.problem);
    void task.run(async () => {
      await session.searchFurther(id, read.gapLimit);
      onClose();
    });
  };
  return (
    <form className={formClasses.form} onSubmit={submit} noValidate>
      <p className={formClasses.note}>{texts.about(formatCount(gapLimit))}</p>
      <GapLimitField
        entry={entry}
        least={gapLimit + 1}
        problem={problem}
        isFirst
        onChange={(next) => {
          setEntry(next);
          setProblem(undefined);
          task.clear();
        }}
      />
      <TaskEnd task={task} go={texts.go} isInDialog />
    </form>
  );
}
