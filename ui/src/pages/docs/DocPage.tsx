import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { useTitle } from '../../parts/title.ts';
import styles from './DocPage.module.css';
import { DocText } from './DocText.tsx';

/** The guides of this very version, read from docs/ when the interface is built; each loaded when it is opened. */
const LOADERS = new Map(
  Object.entries(import.meta.glob<string>('../../../../docs/*.md', { query: '?raw', import: 'default' })).map(
    ([path, load]) => [path.replace(/^.*\/|\.md$/g, ''), load],
  ),
);

const route = getRouteApi('/shell/docs/$name');

/** A guide, and the way to the others. */
export function DocPage() {
  const { name } = route.useParams();
  const load = LOADERS.get(name);
  useTitle(titleOf(name));
  const text = useQuery({
    queryKey: ['docs', name],
    queryFn: () => load?.() ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { hash } = useLocation();
  const body = useRef<HTMLElement>(null);
  const isThere = text.data !== undefined;
  useEffect(() => {
    if (!isThere) return;
    const heading = hash ? document.getElementById(hash) : null;
    if (heading) heading.scrollIntoView();
    else body.current?.scrollTo(0, 0);
  }, [hash, isThere]);
  return (
    <div className={styles.page}>
      <nav className={styles.names} aria-label="Guides">
        {[...LOADERS.keys()].map((each) => (
          <Link key={each} to="/docs/$name" params={{ name: each }} activeProps={{ 'aria-current': 'page' }}>
            {titleOf(each)}
          </Link>
        ))}
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a page of text is scrolled by keys */}
      <article className={styles.body} ref={body} tabIndex={0} aria-label={titleOf(name)}>
        {text.isPending && <Loading />}
        {text.error && <Failed error={text.error} retry={() => void text.refetch()} />}
        {text.data === null && <Empty title="There is no such guide" />}
        {text.data && <DocText text={text.data} />}
      </article>
    </div>
  );
}

/** Names that are written in a way of their own. */
const NAMES: Record<string, string> = { opentelemetry: 'OpenTelemetry', sdk: 'SDK' };

function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ').replace(/opentelemetry|sdk/g, (word) => NAMES[word] ?? word);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
