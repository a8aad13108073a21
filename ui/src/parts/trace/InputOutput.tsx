import { JsonTree } from '../JsonTree.tsx';
import { Markdown } from '../Markdown.tsx';
import styles from './InputOutput.module.css';
import { parsedJson } from './json_text.ts';

/** What went into a span and what came out, where these are not messages: text as Markdown, JSON as a tree. */
export function InputOutput({ input, output }: { input: string | null; output: string | null }) {
  return (
    <div className={styles.both}>
      {input !== null && <Side title="input" text={input} />}
      {output !== null && <Side title="output" text={output} />}
    </div>
  );
}

function Side({ title, text }: { title: string; text: string }) {
  const value = parsedJson(text);
  return (
    <div className={styles.side}>
      <span>{title}</span>
      {typeof value === 'string' ? <Markdown text={value} /> : <JsonTree value={value} />}
    </div>
  );
}
