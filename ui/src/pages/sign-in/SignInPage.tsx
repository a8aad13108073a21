import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { signIn } from '../../api/me.ts';
import { Snippet } from '../../parts/Snippet.tsx';
import { useTitle } from '../../parts/title.ts';
import styles from './SignInPage.module.css';

const route = getRouteApi('/sign-in');

/** Spends the token of a one-time link when the person clicks; opening the link alone changes nothing. */
export function SignInPage() {
  useTitle('Sign in');
  const { token } = route.useSearch();
  return (
    <main className={styles.page}>
      <section className={styles.card}>
        <div className={styles.mark} aria-hidden="true">
          <i />
          <i />
        </div>
        <h1>Diptych</h1>
        {token ? <WithToken token={token} /> : <WithoutToken />}
      </section>
    </main>
  );
}

function WithToken({ token }: { token: string }) {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const enter = async () => {
    setBusy(true);
    setRefusal(null);
    try {
      await signIn(token);
      queries.clear();
      router.history.replace(isOwnPath(next) ? next : '/');
    } catch (error) {
      setBusy(false);
      setRefusal(error instanceof Error ? error.message : 'The server did not answer.');
    }
  };
  return (
    <>
      <p>This link signs you in on this browser. It works once.</p>
      <Button variant="filled" size="sm" loading={isBusy} onClick={enter} data-testid="sign-in" autoFocus>
        Sign in
      </Button>
      {refusal && (
        <div role="alert" className={styles.refusal}>
          <p>{refusal}</p>
          <NewLink />
        </div>
      )}
    </>
  );
}

function WithoutToken() {
  return (
    <>
      <p>You sign in with a one-time link. The server printed one when it started; make a new one with:</p>
      <NewLink />
    </>
  );
}

function NewLink() {
  return <Snippet title="On the machine that runs the server" code="diptych link" />;
}

/** A path of our own; `//host` and `https://…` would lead away. */
function isOwnPath(path: string | undefined): path is string {
  return Boolean(path && /^\/(?![/\\])/.test(path));
}
