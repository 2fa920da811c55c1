import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { DownloadIcon } from "../icons.tsx";
import { saveFile } from "../save-file.ts";
import { jsonText } from "./json-lines.ts";
import { JsonViewer } from "./json-viewer.tsx";
import { answersTogether, pageAnswers } from "./page-answers.ts";
import classes from "./page-answers-view.module.css";
import { jsonTexts } from "./texts.ts";

/** Everything that the page at hand was made of, as JSON: looked through, copied, saved. As it was when this was opened. */
export function PageAnswersView({ fileName }: { readonly fileName: string }): ReactElement {
  const queries = useQueryClient();
  const [answers] = useState(() => pageAnswers(queries));
  const [chosenId, setChosenId] = useState<string>();
  const chosen = answers.find(({ id }) => id === chosenId) ?? answers[0];
  if (chosen === undefined) return <p className={classes.none}>{jsonTexts.noAnswers}</p>;
  const save = (name: string, value: Parameters<typeof jsonText>[0]) =>
    saveFile(`${name}.json`, `${jsonText(value)}\n`, "application/json");
  return (
    <div className={classes.view}>
      <ul className={classes.list} aria-label={jsonTexts.answers}>
        {answers.map(({ id, name }) => (
          <li key={id}>
            <button type="button" aria-pressed={id === chosen.id} onClick={() => setChosenId(id)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
      <div className={classes.chosen}>
        <JsonViewer key={chosen.id} value={chosen.value} label={chosen.name} />
        <div className={classes.buttons}>
          <Button
            variant="default"
            leftSection={<DownloadIcon />}
            onClick={() => save(`${fileName}-${slug(chosen.name)}`, chosen.value)}
          >
            {jsonTexts.saveOne}
          </Button>
          {answers.length > 1 && (
            <Button
              variant="default"
              leftSection={<DownloadIcon />}
              onClick={() => save(fileName, answersTogether(answers))}
            >
              {jsonTexts.saveAll}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

const SLUG_LENGTH_MAX = 60;
const slug = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_LENGTH_MAX);
