import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Evaluation, Span } from '../../api/types.ts';
import { costWords, countWords } from '../amounts.ts';
import { Comments } from '../comments/Comments.tsx';
import { Facts } from '../Facts.tsx';
import { JsonTree } from '../JsonTree.tsx';
import { Documents } from './Documents.tsx';
import { Evaluations } from './Evaluations.tsx';
import { InputOutput } from './InputOutput.tsx';
import { JudgeForm } from './JudgeForm.tsx';
import { Messages } from './Messages.tsx';
import { PromptDiff } from './PromptDiff.tsx';
import type { TracePlace } from './place.ts';
import styles from './SpanDetail.module.css';
import { Usage } from './Usage.tsx';

interface Section {
  id: string;
  title: string;
  count?: number;
  body: ReactNode;
}

interface Properties {
  span: Span;
  /** All spans of the trace. */
  siblings: Span[];
  evaluations: Evaluation[];
  place: TracePlace;
  onMove: (change: TracePlace) => void;
}

/** Everything one span says, a tab for each kind of it; what it does not say has no tab. */
export function SpanDetail(properties: Properties) {
  const { span, place, onMove } = properties;
  const sections = sectionsOf(properties);
  const active = sections.find((section) => section.id === place.detail) ?? sections[0];
  if (!active) return null;
  return (
    <section className={styles.detail} data-testid="span-detail" data-id={span.span_id}>
      <div className={styles.top}>
        <Tabs value={active.id} onChange={(id) => onMove({ span: span.span_id, detail: id ?? undefined })}>
          <Tabs.List>
            {sections.map((section) => (
              <Tabs.Tab key={section.id} value={section.id}>
                {section.title}
                {section.count ? ` ${section.count}` : ''}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      </div>
      <div className={styles.body}>
        {active === sections[0] && <p className={styles.usage}>{usageWords(span)}</p>}
        {active.body}
      </div>
    </section>
  );
}

function sectionsOf({ span, siblings, evaluations, place, onMove }: Properties): Section[] {
  const calls = siblings.filter((other) => other.span_id !== span.span_id && other.input_messages.length > 0);
  const sections: (Section | false)[] = [
    span.error !== null && { id: 'error', title: 'Error', body: <ErrorWords span={span} /> },
    hasMessages(span) && { id: 'messages', title: 'Messages', body: <Messages span={span} /> },
    span.kind === 'llm' &&
      !hasMessages(span) &&
      !span.input && { id: 'messages', title: 'Messages', body: <NotRecorded /> },
    (span.input !== null || span.output !== null) && {
      id: 'io',
      title: 'Input / output',
      body: <InputOutput input={span.input} output={span.output} />,
    },
    span.input_messages.length > 0 &&
      calls.length > 0 && {
        id: 'diff',
        title: 'Prompt diff',
        body: (
          <PromptDiff
            span={span}
            others={calls}
            againstId={place.against}
            onAgainst={(against) => onMove({ against })}
          />
        ),
      },
    span.documents.length > 0 && {
      id: 'documents',
      title: 'Documents',
      count: span.documents.length,
      body: <Documents documents={span.documents} />,
    },
    {
      id: 'evaluations',
      title: 'Evaluations',
      count: evaluations.length,
      body: (
        <>
          <Evaluations evaluations={evaluations} />
          <JudgeForm key={span.span_id} traceId={span.trace_id} spanId={span.span_id} />
        </>
      ),
    },
    span.tokens !== null && {
      id: 'usage',
      title: 'Tokens',
      body: <Usage span={span} tokens={span.tokens} />,
    },
    hasParameters(span) && { id: 'parameters', title: 'Parameters', body: <Parameters span={span} /> },
    hasMetadata(span) && { id: 'metadata', title: 'Metadata', body: <Metadata span={span} /> },
    {
      id: 'comments',
      title: 'Comments',
      body: (
        <Padded>
          <Comments target={{ trace_id: span.trace_id, span_id: span.span_id }} />
        </Padded>
      ),
    },
    {
      id: 'raw',
      title: 'Raw',
      body: (
        <Padded>
          <JsonTree value={span} />
        </Padded>
      ),
    },
  ];
  const known = sections.filter((section) => section !== false);
  // A failed span opens on its error only when that is all it has to tell first.
  return known.sort((a, b) => rank(a) - rank(b));
}

/** Messages first, and what nobody has written yet never. */
function rank({ id, count }: Section): number {
  return id === 'messages' ? 0 : id === 'evaluations' && !count ? 2 : 1;
}

function Padded({ children }: { children: ReactNode }) {
  return <div className={styles.padded}>{children}</div>;
}

function ErrorWords({ span }: { span: Span }) {
  return (
    <Padded>
      <Facts
        facts={[
          ['type', span.error?.type],
          ['message', span.error?.message],
        ]}
      />
      {span.error?.stack && <pre className={styles.stack}>{span.error.stack}</pre>}
    </Padded>
  );
}

function NotRecorded() {
  return (
    <Padded>
      <b>The sender did not record the messages of this call.</b>
      <p className={styles.hint}>
        OpenTelemetry instrumentations leave content out by default: set{' '}
        <code>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true</code> where the agent runs.
      </p>
    </Padded>
  );
}

function Parameters({ span }: { span: Span }) {
  return (
    <Padded>
      <Facts
        facts={[
          ['model', span.model],
          ['provider', span.provider],
          ...Object.entries(span.parameters).map(([name, value]): [string, ReactNode] => [
            name,
            asText(value),
          ]),
        ]}
      />
      {span.tool_definitions.length > 0 && (
        <>
          <h2>Tools it could call</h2>
          <JsonTree value={span.tool_definitions} />
        </>
      )}
    </Padded>
  );
}

function Metadata({ span }: { span: Span }) {
  const pairs = (values: Record<string, unknown>) =>
    Object.entries(values).map(([name, value]): [string, ReactNode] => [name, asText(value)]);
  return (
    <Padded>
      <Facts
        facts={[
          ['app', span.ml_app],
          ['service', span.service],
          ['session', span.session_id],
          ['conversation', span.conversation_id],
          ['user', span.user_id],
          ...pairs(span.metadata),
          ...pairs(span.metrics),
        ]}
      />
      {Object.keys(span.tags).length > 0 && (
        <>
          <h2>Tags</h2>
          <Facts facts={pairs(span.tags)} />
        </>
      )}
      {span.events.length > 0 && (
        <>
          <h2>Events</h2>
          <JsonTree value={span.events} />
        </>
      )}
    </Padded>
  );
}

function hasMessages(span: Span): boolean {
  return span.input_messages.length + span.output_messages.length > 0;
}

function hasParameters(span: Span): boolean {
  return Object.keys(span.parameters).length > 0 || span.tool_definitions.length > 0 || span.model !== '';
}

function hasMetadata(span: Span): boolean {
  const members = [span.metadata, span.metrics, span.tags].some((values) => Object.keys(values).length > 0);
  return (
    members ||
    span.events.length > 0 ||
    Boolean(span.session_id ?? span.conversation_id ?? span.user_id ?? (span.service || null))
  );
}

function usageWords(span: Span): string {
  const words: string[] = [];
  if (span.tokens) {
    words.push(`${countWords(span.tokens.input)} in`, `${countWords(span.tokens.output)} out`);
    if (span.tokens.cache_read > 0) words.push(`${countWords(span.tokens.cache_read)} cached`);
    if (span.tokens.reasoning > 0) words.push(`${countWords(span.tokens.reasoning)} reasoning`);
  }
  if (span.cost_usd !== null) words.push(costWords(span.cost_usd));
  return words.join(' · ');
}

function asText(value: unknown): ReactNode {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
