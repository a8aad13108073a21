import { Modal } from '@mantine/core';
import styles from './KeySheet.module.css';

const KEYS: [keys: string[], words: string][] = [
  [['space'], 'play, pause'],
  [['←', '→'], 'five seconds back, on'],
  [[',', '.'], 'one change of the page back, on'],
  [['[', ']'], 'answer before, next answer'],
  [['j', 'k'], 'next span, span before: the replay goes there'],
  [['h', 'l'], 'fold, unfold what is below a span'],
  [['/'], 'find in the trace'],
  [['s'], 'speed'],
  [['i'], 'skip idle stretches, or not'],
  [['g'], 'follow a session that is going on'],
  [['e', 'c', 'n', 'x'], 'events, console, network, errors'],
  [['f', 'a'], 'only the replay, only the agent'],
  [['esc'], 'back: both panels, no list, the session'],
];

/** All keys of the view. */
export function KeySheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keys" size="md">
      <dl className={styles.keys}>
        {KEYS.map(([keys, words]) => (
          <div key={words}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
