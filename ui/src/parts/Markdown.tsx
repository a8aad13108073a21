import { memo } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import styles from './Markdown.module.css';

/** Plugins and components never change: kept outside, so that texts are not rendered anew. */
const PLUGINS = [remarkGfm];
const COMPONENTS: Components = {
  // A picture's address would tell its host who reads this trace: named, never loaded.
  img: ({ alt, src }) => (
    <span className={styles.picture} title={typeof src === 'string' ? src : ''}>
      picture not loaded{alt ? `: ${alt}` : ''}
    </span>
  ),
  // An address that was emptied (`javascript:` and the like) is no link.
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
};

/**
 * Text of a person or a model as Markdown. HTML in it stays text, dangerous addresses are emptied. Read anew only
 * where the text is another.
 */
export const Markdown = memo(function Markdown(properties: { text: string; components?: Components }) {
  const { text, components = COMPONENTS } = properties;
  return (
    <div className={styles.markdown} dir="auto">
      <ReactMarkdown
        remarkPlugins={PLUGINS}
        components={components === COMPONENTS ? COMPONENTS : { ...COMPONENTS, ...components }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
});
