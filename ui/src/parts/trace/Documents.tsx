import type { SourceDocument } from '../../api/types.ts';
import styles from './Documents.module.css';

/** Retrieved documents in the order they were given, each with its score. */
export function Documents({ documents }: { documents: SourceDocument[] }) {
  return (
    <ol className={styles.list}>
      {documents.map((document, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: documents have no sure id and never move
        <li key={`${index} ${document.id}`}>
          <div className={styles.top}>
            <b>{document.name ?? document.id ?? `Document ${index + 1}`}</b>
            {document.name && document.id && <code>{document.id}</code>}
            {document.score != null && <span className={styles.score}>{document.score.toFixed(3)}</span>}
          </div>
          {document.text && <p>{document.text}</p>}
        </li>
      ))}
    </ol>
  );
}
