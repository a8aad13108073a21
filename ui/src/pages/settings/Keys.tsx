import { Button, VisuallyHidden } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keysQuery, revokeKey } from '../../api/keys.ts';
import type { ProjectKey } from '../../api/types.ts';
import { Chip } from '../../parts/Chip.tsx';
import { AgentSteps, PageSteps } from '../../parts/FirstSteps.tsx';
import { Snippet } from '../../parts/Snippet.tsx';
import { Failed, Loading } from '../../parts/States.tsx';
import { exactWords, whenWords } from '../../parts/times.ts';
import styles from './SettingsPage.module.css';

/** The keys of the project, how to make more, and the end of one. */
export function Keys() {
  const keys = useQuery(keysQuery());
  return (
    <section className={styles.card} data-testid="keys">
      <h2>Keys</h2>
      <p>
        Keys are stored as hashes: each is shown once, when it is made. Client keys stand in pages and are
        public, server keys are secret, read keys query.
      </p>
      {keys.isPending && <Loading rows={3} />}
      {keys.error && !keys.data && <Failed error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data && (
        <table className={`${styles.table} ${styles.keys}`}>
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">For</th>
              <th scope="col">Sites</th>
              <th scope="col">Made</th>
              <th scope="col">
                <VisuallyHidden>Revoke</VisuallyHidden>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.data.map((key) => (
              <KeyRow key={key.id} of={key} />
            ))}
          </tbody>
        </table>
      )}
      <details className={styles.more}>
        <summary>A key for a page</summary>
        <PageSteps />
      </details>
      <details className={styles.more}>
        <summary>A key for an agent</summary>
        <AgentSteps />
      </details>
      <Snippet
        title="On the machine that runs the server"
        code={
          'diptych keys create client --origin https://shop.example.com   # for the pages of one site\ndiptych keys create read   # for programs that query\ndiptych link               # a new sign-in link'
        }
      />
    </section>
  );
}

const USES: Record<ProjectKey['kind'], string> = { client: 'pages', server: 'agents', read: 'queries' };

function KeyRow({ of }: { of: ProjectKey }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const revoking = useMutation({
    mutationFn: () => revokeKey(of.id),
    onSettled: () => queries.invalidateQueries({ queryKey: keysQuery().queryKey }),
  });
  return (
    <tr>
      <td>
        <code>{of.prefix}…</code>
      </td>
      <td>{USES[of.kind]}</td>
      <td>{of.origins.join(' ') || 'any'}</td>
      <td title={exactWords(of.created_at)}>{whenWords(of.created_at)}</td>
      <td>
        {of.revoked_at !== null && <Chip>revoked</Chip>}
        {of.revoked_at === null && !isAsking && (
          <Button size="compact-xs" onClick={() => setAsking(true)} aria-label={`Revoke ${of.prefix}…`}>
            Revoke
          </Button>
        )}
        {of.revoked_at === null && isAsking && (
          <Button
            size="compact-xs"
            color="red"
            onClick={() => revoking.mutate()}
            onBlur={() => setAsking(false)}
            loading={revoking.isPending}
            aria-label={`Revoke ${of.prefix}… for good`}
            autoFocus
          >
            Its senders will be refused: revoke
          </Button>
        )}
        {revoking.error && <Chip tone="bad">{revoking.error.message}</Chip>}
      </td>
    </tr>
  );
}
