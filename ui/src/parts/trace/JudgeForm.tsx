import { Button, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { judge } from '../../api/evaluations.ts';
import { traceQuery } from '../../api/traces.ts';
import { recallAuthor, rememberAuthor } from '../comments/author.ts';
import { recall, remember } from '../explore/recent.ts';
import styles from './JudgeForm.module.css';

const LAST_LABEL = 'judge.label';
const VERDICTS = [
  { value: 'pass', label: 'Pass' },
  { value: 'fail', label: 'Fail' },
  { value: '', label: 'No verdict' },
];

/** Judges a span by hand; a later judgement of the same label and person takes the place of the earlier. */
export function JudgeForm({ traceId, spanId }: { traceId: string; spanId: string }) {
  const [label, setLabel] = useState(() => recall(LAST_LABEL) ?? '');
  const [verdict, setVerdict] = useState('pass');
  const [value, setValue] = useState('');
  const [reasoning, setReasoning] = useState('');
  const [submitter, setSubmitter] = useState(recallAuthor);
  const queries = useQueryClient();
  const judged = useMutation({
    mutationFn: judge,
    onSuccess: async () => {
      remember(LAST_LABEL, label.trim());
      rememberAuthor(submitter.trim());
      setReasoning('');
      setValue('');
      await queries.invalidateQueries(traceQuery(traceId));
    },
  });
  const told = value.trim() || verdict;
  const canSend = label.trim() !== '' && submitter.trim() !== '' && told !== '';
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!canSend || judged.isPending) return;
    judged.mutate({
      submitter: submitter.trim(),
      target: { trace_id: traceId, span_id: spanId },
      label: label.trim(),
      value: told,
      assessment: verdict === 'pass' || verdict === 'fail' ? verdict : null,
      reasoning: reasoning.trim() || null,
    });
  };
  return (
    <form className={styles.form} onSubmit={send} aria-label="Judge this span" data-testid="judge-form">
      <h2>Judge it yourself</h2>
      <div className={styles.row}>
        <TextInput
          aria-label="Label"
          placeholder="Label, such as helpful"
          value={label}
          maxLength={200}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <SegmentedControl
          size="xs"
          aria-label="Verdict"
          data={VERDICTS}
          value={verdict}
          onChange={setVerdict}
        />
        <TextInput
          aria-label="Value"
          placeholder={verdict ? `Value: ${verdict}` : 'Value'}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      </div>
      <Textarea
        aria-label="Reasoning"
        placeholder="Why"
        autosize
        minRows={1}
        maxRows={8}
        value={reasoning}
        onChange={(event) => setReasoning(event.currentTarget.value)}
      />
      <div className={styles.row}>
        <TextInput
          aria-label="Your name"
          placeholder="Your name"
          value={submitter}
          maxLength={100}
          onChange={(event) => setSubmitter(event.currentTarget.value)}
        />
        {/* Never disabled by the sending itself: it would lose the focus. */}
        <Button type="submit" disabled={!canSend}>
          {judged.isPending ? 'Judging…' : 'Judge'}
        </Button>
      </div>
      {judged.error && (
        <p role="alert" className={styles.error}>
          {judged.error.message}
        </p>
      )}
    </form>
  );
}
