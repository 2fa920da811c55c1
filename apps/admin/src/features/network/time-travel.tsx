import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { formatDateTime } from "@bitfleet/ui/format.ts";
import { ClockIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import classes from "./network.module.css";
import { type TimeChange, useNetworkActions } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.time;
const HOUR_SECONDS = 3_600;
const MS = 1000;
const STEPS = [
  { title: texts.tenMinutes, seconds: 600 },
  { title: texts.twoHours, seconds: 2 * HOUR_SECONDS },
  { title: texts.day, seconds: 24 * HOUR_SECONDS },
  { title: texts.twoWeeks, seconds: 14 * 24 * HOUR_SECONDS },
] as const;

/** Another time for all nodes, which stands still, so that locks and expiries can be tried out. */
export function TimeTravel({ status }: { readonly status: NetworkStatus }): ReactElement {
  const confirm = useConfirm();
  const { setTime } = useNetworkActions();
  const [moment, setMoment] = useState("");
  const [problem, setProblem] = useState<string>();
  const mock = status.mock_time;
  const travel = async (change: TimeChange, title: string) => {
    const text = "reset" in change ? texts.resetText : texts.travelText;
    if (!(await confirm({ title, text, confirmLabel: texts.confirm }))) return;
    setTime.mutate(change, {
      onSuccess: ({ mock_time: time, absent }) =>
        toast.good(time === null ? texts.isReal : texts.isNow(formatDateTime(time)), {
          ...(absent.length > 0 && { text: allTexts.groups.absent(absent) }),
        }),
      onError: (error) => toast.failure(texts.failed, error),
    });
  };
  const onMoment = () => {
    const seconds = Math.floor(Date.parse(moment) / MS);
    if (!Number.isSafeInteger(seconds) || seconds < 1) return setProblem(texts.wrong);
    void travel({ time: seconds }, texts.goTitle(formatDateTime(seconds)));
  };
  return (
    <Card
      title={texts.title}
      aside={
        <span className={classes.state} data-testid="mock-time">
          <ClockIcon /> {mock === null ? texts.real : texts.stands(formatDateTime(mock))}
        </span>
      }
    >
      <p className={classes.about}>{status.chain === "regtest" ? texts.about : texts.notHere}</p>
      {status.chain === "regtest" && (
        <>
          <div className={classes.buttons}>
            {STEPS.map(({ title, seconds }) => (
              <Button
                key={seconds}
                size="xs"
                variant="default"
                onClick={() => void travel({ offset: seconds }, texts.onTitle(title))}
              >
                + {title}
              </Button>
            ))}
            <Button
              size="xs"
              variant="default"
              disabled={mock === null}
              onClick={() => void travel({ reset: true }, texts.resetTitle)}
            >
              {texts.reset}
            </Button>
          </div>
          <form
            className={classes.form}
            aria-label={texts.go}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (!setTime.isPending) onMoment();
            }}
          >
            <Field
              className={classes.grows}
              label={texts.moment}
              type="datetime-local"
              step={1}
              value={moment}
              problem={problem}
              onChange={(event) => {
                setMoment(event.target.value);
                setProblem(undefined);
              }}
            />
            <Button type="submit" variant="default" className={classes.submit ?? ""} loading={setTime.isPending}>
              {texts.go}
            </Button>
          </form>
        </>
      )}
    </Card>
  );
}
