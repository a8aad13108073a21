import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';
import styles from './PanelHeader.module.css';
import { dayAndSecond, exactWords } from './times.ts';

interface Properties {
  mark: ReactNode;
  title: ReactNode;
  /** The whole of what the title may cut. */
  hover: string;
  /** When it began. */
  start: string;
  facts: string[];
  chips: ReactNode;
  /** The ways on from here. */
  buttons: ReactNode;
  /** The address to copy; the page's own by default. */
  link?: () => string;
  /** Of a panel beside its list: the way to the thing's own page, where it has one, and out. */
  panel: { open?: (className: string, content: ReactNode) => ReactNode; onClose: () => void } | null;
}

/** The head of a session or a trace: what it is, what it took, and where to go from it. */
export function PanelHeader(properties: Properties) {
  const { facts, start, panel } = properties;
  return (
    <header className={styles.header}>
      {properties.mark}
      <div className={styles.words}>
        <h1 title={properties.hover} dir="auto">
          {properties.title}
        </h1>
        <div className={styles.facts}>
          <span title={exactWords(start)}>{dayAndSecond(start)}</span>
          {facts.map((fact) => (
            <span key={fact}>
              {' · '}
              <bdi>{fact}</bdi>
            </span>
          ))}
        </div>
      </div>
      <div className={styles.chips}>{properties.chips}</div>
      <div className={styles.buttons}>
        {properties.buttons}
        <CopyLink link={properties.link ?? pageLink} />
        {panel && (
          <>
            {panel.open && (
              <Tooltip label="Open as a page">
                {panel.open(styles.icon ?? '', <Icon name="open" size={16} />)}
              </Tooltip>
            )}
            <ActionIcon className={styles.close ?? ''} onClick={panel.onClose} aria-label="Close">
              <Icon name="close" size={16} />
            </ActionIcon>
          </>
        )}
      </div>
    </header>
  );
}

const pageLink = () => window.location.href;

/** Copies the address that restores what is shown now. */
function CopyLink({ link }: { link: () => string }) {
  const { copied, copy } = useClipboard({ timeout: 1_000 });
  return (
    <Tooltip label={copied ? 'Copied' : 'Copy link'}>
      <ActionIcon onClick={() => copy(link())} aria-label="Copy link">
        <Icon name={copied ? 'check' : 'link'} size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
