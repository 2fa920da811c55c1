import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { useWatchDescriptor } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.security;
const FROMS = ["all", "now"] as const;

/** Has a wallet without private keys watch a descriptor. */
export function WatchCard({ name: wallet }: { readonly name: string }): ReactElement {
  const [descriptor, setDescriptor] = useState("");
  const [label, setLabel] = useState("");
  const [from, setFrom] = useState<(typeof FROMS)[number]>("all");
  const watch = useWatchDescriptor();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = descriptor.trim();
    if (given === "" || watch.isPending) return;
    watch.mutate(
      { wallet, descriptor: given, label: label.trim(), from },
      {
        onSuccess: (warnings) => {
          setDescriptor("");
          setLabel("");
          toast.good(texts.importDone, { text: warnings.join(" ") || undefined });
        },
        onError: (error) => toast.failure(texts.importFailed, error),
      },
    );
  };
  return (
    <Card title={texts.importTitle}>
      <form className={formClasses.form} onSubmit={submit}>
        <p className={formClasses.note}>{texts.importText}</p>
        <Field
          label={texts.importDescriptor}
          hint={texts.importHint}
          value={descriptor}
          onChange={(event) => setDescriptor(event.target.value)}
        />
        <Field
          label={texts.importLabel}
          hint={texts.importLabelHint}
          maxLength={200}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <Choice
          label={texts.importFrom}
          hasLabel
          options={FROMS.map((value) => ({ value, title: texts.importFroms[value] }))}
          value={from}
          onChoose={setFrom}
        />
        <div className={formClasses.buttons}>
          <Button type="submit" disabled={descriptor.trim() === ""} loading={watch.isPending}>
            {texts.importGo}
          </Button>
        </div>
      </form>
    </Card>
  );
}
