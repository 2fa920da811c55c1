import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { GAP_LIMIT, GAP_LIMIT_MAX } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
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

/** Begins a search behind longer gaps, or has the wallet look less far; how a search goes is told with the wallet. */
export function SearchDialog({ wallet, onClose }: SearchDialogProps): ReactElement {
  return (
    <Dialog isOpen onClose={onClose} title={texts.title(wallet.name)} size="small">
      <SearchForm wallet={wallet} onClose={onClose} />
    </Dialog>
  );
}

function SearchForm({ wallet: { id, gapLimit, removedCount }, onClose }: SearchDialogProps): ReactElement {
  const session = useSession();
  const isFarthest = gapLimit >= GAP_LIMIT_MAX;
  const [entry, setEntry] = useState(String(isFarthest ? GAP_LIMIT : Math.min(GAP_LIMIT_MAX, gapLimit * STEP_FIRST)));
  const [takesRemoved, setTakesRemoved] = useState(false);
  const [problem, setProblem] = useState<string>();
  const task = useTask();
  // From the usual one on, where it does not look further than that already.
  const least = gapLimit > GAP_LIMIT ? GAP_LIMIT : gapLimit + 1;
  const read = readGapLimit(entry, least);
  const isLess = "gapLimit" in read && read.gapLimit < gapLimit;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if ("problem" in read) return setProblem(read.problem);
    if (read.gapLimit === gapLimit) return setProblem(texts.same(formatCount(gapLimit)));
    void task.run(async () => {
      if (isLess) {
        await session.lowerGapLimit(id, read.gapLimit);
        toast.good(texts.lowered(formatCount(read.gapLimit)));
      } else {
        await session.searchFurther(id, read.gapLimit, { takesRemoved });
      }
      onClose();
    });
  };
  return (
    <form className={formClasses.form} onSubmit={submit} noValidate>
      <p className={formClasses.note}>
        {isFarthest ? texts.atMost(formatCount(GAP_LIMIT_MAX)) : texts.about(formatCount(gapLimit))}
      </p>
      {gapLimit > GAP_LIMIT && <p className={formClasses.note}>{texts.less}</p>}
      <GapLimitField
        entry={entry}
        least={least}
        problem={problem}
        isFirst
        onChange={(next) => {
          setEntry(next);
          setProblem(undefined);
          task.clear();
        }}
      />
      {removedCount > 0 && !isLess && (
        <label className={formClasses.check}>
          <input type="checkbox" checked={takesRemoved} onChange={(event) => setTakesRemoved(event.target.checked)} />
          {texts.removed(removedCount)}
        </label>
      )}
      <TaskEnd task={task} go={isLess ? texts.goLess : texts.go} isInDialog />
    </form>
  );
}
