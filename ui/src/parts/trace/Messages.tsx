import { useState } from 'react';
import type { MessagePart, Span } from '../../api/types.ts';
import { Chip } from '../Chip.tsx';
import { JsonTree } from '../JsonTree.tsx';
import { Markdown } from '../Markdown.tsx';
import { parsedJson } from './json_text.ts';
import styles from './Messages.module.css';
import { type PairedCall, threadOf, type Utterance } from './thread.ts';

/** Of texts longer than this (characters) the middle is cut until asked for: history sooner than the answer itself. */
const CUT_INPUT_AT = 700;
const CUT_OUTPUT_AT = 8_000;

/** What is left of such a text's end: a prompt mostly ends with what was asked, behind all that it was given. */
const END_CHARACTERS = 240;

/** The conversation of a model call: what went in, then what came out. */
export function Messages({ span }: { span: Span }) {
  const thread = threadOf(span.input_messages, span.output_messages);
  return (
    <div className={styles.thread}>
      {thread.map((said, index) => {
        const isNew = said.role !== thread[index - 1]?.role || said.isOutput !== thread[index - 1]?.isOutput;
        return (
          <div
            key={said.key}
            className={`${styles.said} ${said.isOutput ? styles.output : ''}`}
            data-role={said.role}
          >
            <span className={styles.role}>{isNew ? said.role : ''}</span>
            <div className={styles.content}>
              <Said said={said} />
            </div>
          </div>
        );
      })}
    </div>
  );
}

function Said({ said }: { said: Utterance }) {
  if ('pair' in said) return <Call pair={said.pair} />;
  const { part } = said;
  const cutAt = said.isOutput ? CUT_OUTPUT_AT : CUT_INPUT_AT;
  if (part.type === 'text') return <LongText text={part.content ?? ''} cutAt={cutAt} />;
  if (part.type === 'reasoning') {
    return (
      <details className={styles.reasoning}>
        <summary>reasoning</summary>
        <LongText text={part.content ?? ''} cutAt={cutAt} />
      </details>
    );
  }
  return <Attachment part={part} />;
}

function LongText({ text, cutAt = CUT_INPUT_AT }: { text: string; cutAt?: number }) {
  const [isWhole, setWhole] = useState(text.length <= cutAt + END_CHARACTERS);
  if (isWhole) return <Markdown text={text} />;
  return (
    <>
      <Markdown text={`${text.slice(0, cutAt)} …`} />
      <button type="button" className={styles.more} onClick={() => setWhole(true)}>
        Show all {text.length.toLocaleString('en-GB')} characters
      </button>
      <Markdown text={endOf(text)} />
    </>
  );
}

/** From the first of its last paragraphs that fit, else from a word on. */
function endOf(text: string): string {
  const end = text.trimEnd().slice(-END_CHARACTERS);
  const [paragraph, word] = [end.indexOf('\n'), end.indexOf(' ')];
  return paragraph >= 0 ? end.slice(paragraph) : `… ${end.slice(word + 1)}`;
}

/** A tool call with its result below it. */
function Call({ pair: { call, result } }: { pair: PairedCall }) {
  return (
    <div className={styles.call} data-testid="tool-call">
      {call && (
        <code title={call.id ?? ''}>
          {call.name}({compact(call.arguments)})
        </code>
      )}
      {result ? (
        <Result value={result.response ?? result.content ?? null} />
      ) : (
        <Chip>no result in this call</Chip>
      )}
    </div>
  );
}

function Result({ value }: { value: unknown }) {
  const parsed = parsedJson(value);
  return (
    <div className={styles.result}>
      {typeof parsed === 'string' ? <LongText text={parsed} /> : <JsonTree value={parsed} />}
    </div>
  );
}

/** Files and pictures. Only what the message itself holds is shown; nothing is fetched from elsewhere. */
function Attachment({ part }: { part: MessagePart }) {
  if (part.type === 'blob' && part.mime_type?.startsWith('image/') && part.content) {
    return (
      <img
        className={styles.picture}
        src={`data:${part.mime_type};base64,${part.content}`}
        alt={part.name ?? 'in the message'}
      />
    );
  }
  const words = [part.type, part.mime_type, part.name, part.uri].filter(Boolean).join(' · ');
  return (
    <>
      <Chip title={words}>{words}</Chip>
      {part.content && part.type !== 'blob' && <LongText text={part.content} />}
    </>
  );
}

function compact(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
