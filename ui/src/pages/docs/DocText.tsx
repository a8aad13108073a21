import { Link } from '@tanstack/react-router';
import { isValidElement, type ReactNode } from 'react';
import type { Components } from 'react-markdown';
import { Markdown } from '../../parts/Markdown.tsx';

/** Headings that links point at, and links from guide to guide. */
const COMPONENTS: Components = {
  h2: ({ children }) => <h2 id={slugOf(wordsOf(children))}>{children}</h2>,
  h3: ({ children }) => <h3 id={slugOf(wordsOf(children))}>{children}</h3>,
  a: ({ href = '', children }) => <DocLink href={href}>{children}</DocLink>,
};

export function DocText({ text }: { text: string }) {
  return <Markdown text={text} components={COMPONENTS} />;
}

function DocLink({ href, children }: { href: string; children: ReactNode }) {
  const [, name, hash = ''] = /^([\w-]+)\.md(?:#(.*))?$/.exec(href) ?? [];
  if (name) {
    return (
      <Link to="/docs/$name" params={{ name }} hash={hash}>
        {children}
      </Link>
    );
  }
  if (/^https?:/.test(href)) {
    return (
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    );
  }
  // A file of the source tree, which is not here.
  return <span title={href}>{children}</span>;
}

/** `The page's side` → `the-pages-side`, as the hosts of Markdown files make it. */
function slugOf(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

function wordsOf(children: ReactNode): string {
  if (Array.isArray(children)) return children.map(wordsOf).join('');
  if (isValidElement<{ children?: ReactNode }>(children)) return wordsOf(children.props.children);
  return typeof children === 'string' || typeof children === 'number' ? String(children) : '';
}
