import type { ReactNode } from 'react';
import styles from './ListPage.module.css';
import { PageTop } from './PageTop.tsx';

/** A page that is a list, with the panel of the chosen row at its right (over it where there is little room). */
export function ListPage(properties: {
  title: string;
  note: ReactNode;
  tools: ReactNode;
  panel: ReactNode | null;
  children: ReactNode;
}) {
  return (
    <div className={styles.split}>
      <section className={styles.page} aria-label={properties.title}>
        <PageTop title={properties.title} note={properties.note}>
          {properties.tools}
        </PageTop>
        {properties.children}
      </section>
      {properties.panel && <aside className={styles.panel}>{properties.panel}</aside>}
    </div>
  );
}
