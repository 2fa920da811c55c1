import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { PauseIcon, PlayIcon } from "@bitfleet/ui/icons.tsx";
import { KeyGate } from "@bitfleet/ui/keys/key-gate.tsx";
import { ErrorMessage, LoadingRows } from "@bitfleet/ui/states.tsx";
import { Button } from "@mantine/core";
import { memo, type ReactElement, useLayoutEffect, useRef, useState } from "react";
import { type LogFilter, type LogLevel, type LogLine, matching } from "./log-lines.ts";
import classes from "./network.module.css";
import { useNodeLog } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.log;
/** Pixels from the end within which the log is followed. */
const END_MARGIN = 40;

interface LogDrawerProps {
  /** Whose log is open; absent while none is. */
  readonly node: string | undefined;
  readonly names: readonly string[];
  readonly onNode: (node: string | undefined) => void;
}

/** A node's log as it grows, in a drawer: followed or held, by level and by text. */
export function LogDrawer({ node, names, onNode }: LogDrawerProps): ReactElement {
  return (
    <Dialog
      isOpen={node !== undefined}
      onClose={() => onNode(undefined)}
      title={texts.title(node ?? "")}
      side="middle"
      size="large"
    >
      {node !== undefined && (
        <KeyGate forRole="admin">
          <Log node={node} names={names} onNode={onNode} />
        </KeyGate>
      )}
    </Dialog>
  );
}

function Log({ node, names, onNode }: LogDrawerProps & { readonly node: string }): ReactElement {
  const [filter, setFilter] = useState<LogFilter>({ text: "", level: "plain" });
  // Number of the last line that is shown while it stands still.
  const [heldAt, setHeldAt] = useState<number>();
  const log = useNodeLog(node);
  const lines = log.data?.lines;
  const last = lines?.at(-1)?.number ?? -1;
  const isHeld = heldAt !== undefined;
  const upToHold = heldAt === undefined ? lines : lines?.filter(({ number }) => number <= heldAt);
  const shown = upToHold && matching(upToHold, filter);
  return (
    <>
      <div className={classes.logTools}>
        <Field
          className={classes.grows}
          label={texts.filter}
          placeholder={texts.filterHint}
          type="search"
          value={filter.text}
          onChange={(event) => setFilter({ ...filter, text: event.target.value })}
        />
        <label className={classes.field}>
          {texts.level}
          <select
            value={filter.level}
            onChange={(event) => setFilter({ ...filter, level: event.target.value as LogLevel })}
          >
            <option value="plain">{texts.levels.all}</option>
            <option value="warning">{texts.levels.warning}</option>
            <option value="error">{texts.levels.error}</option>
          </select>
        </label>
        <label className={classes.field}>
          {texts.node}
          <select
            value={node}
            onChange={(event) => {
              setHeldAt(undefined);
              onNode(event.target.value);
            }}
          >
            {(names.includes(node) ? names : [node, ...names]).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Button
          variant="default"
          aria-pressed={!isHeld}
          leftSection={isHeld ? <PlayIcon /> : <PauseIcon />}
          onClick={() => setHeldAt(isHeld ? undefined : last)}
        >
          {isHeld ? texts.follow : texts.pause}
        </Button>
      </div>
      {shown === undefined || lines === undefined ? (
        log.error !== null ? (
          <ErrorMessage error={log.error} onRetry={() => void log.refetch()} />
        ) : (
          <LoadingRows count={12} height={18} label={texts.loading} />
        )
      ) : (
        <>
          <Lines
            key={node}
            lines={shown}
            label={texts.title(node)}
            empty={lines.length === 0 ? texts.empty : texts.noMatch}
            isFollowed={!isHeld}
          />
          <div className={classes.logFoot}>
            <span>
              {isHeld && last > heldAt
                ? texts.held(last - heldAt)
                : texts.lines(shown.length, upToHold?.length ?? shown.length)}
            </span>
            <CopyButton text={() => shown.map(({ text }) => text).join("\n")} label={texts.copy} />
          </div>
        </>
      )}
    </>
  );
}

/** Keeps to the end as lines come, unless the reader has scrolled away from it. */
function Lines(props: {
  readonly lines: readonly LogLine[];
  readonly label: string;
  readonly empty: string;
  readonly isFollowed: boolean;
}): ReactElement {
  const { lines, isFollowed } = props;
  const place = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const [isAway, setIsAway] = useState(false);
  const goToEnd = () => {
    const element = place.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lines decide how long it is
  useLayoutEffect(() => {
    if (isFollowed && isAtEnd.current) goToEnd();
  }, [lines, isFollowed]);
  return (
    <div className={classes.logPlace}>
      <section
        ref={place}
        className={classes.log}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        tabIndex={0}
        aria-label={props.label}
        data-testid="log"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < END_MARGIN;
          setIsAway(!isAtEnd.current);
        }}
      >
        {lines.length === 0 ? props.empty : lines.map((line) => <Line key={line.number} line={line} />)}
      </section>
      {isAway && (
        <Button className={classes.logEnd ?? ""} size="compact-sm" onClick={goToEnd}>
          {texts.end}
        </Button>
      )}
    </div>
  );
}

const Line = memo(({ line: { text, level } }: { readonly line: LogLine }) => {
  const time = /^\d{4}-\S+Z /.exec(text)?.[0] ?? "";
  return (
    <div data-level={level}>
      <time>{time}</time>
      {text.slice(time.length)}
    </div>
  );
});
