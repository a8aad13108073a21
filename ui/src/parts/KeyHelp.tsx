import { Drawer } from '@mantine/core';
import { useState } from 'react';
import styles from './KeyHelp.module.css';
import { useKeys } from './keys.ts';

const KEYS: [title: string, keys: [key: string, does: string][]][] = [
  [
    'Everywhere',
    [
      ['?', 'these keys'],
      ['/', 'to the search'],
      ['esc', 'close, or one step back'],
    ],
  ],
  [
    'Lists',
    [
      ['j  k', 'choose the next, the one before'],
      ['enter', 'open the chosen one whole'],
      ['[  ]', 'in an answer: the newer, the older one'],
    ],
  ],
  [
    'Search',
    [
      ['↓  ↑', 'choose a completion'],
      ['enter  tab', 'take it'],
      ['enter', 'without a choice: search'],
    ],
  ],
  [
    'Histogram',
    [
      ['←  →', 'choose a time'],
      ['shift ←  →', 'a stretch of it'],
      ['enter', 'take it as the time of the list'],
    ],
  ],
  [
    'Trace',
    [
      ['j  k', 'the next span, the one before'],
      ['h  l', 'fold, unfold'],
    ],
  ],
];

/** The keys of the interface, on `?`. */
export function KeyHelp() {
  const [isOpen, setOpen] = useState(false);
  useKeys({ '?': () => setOpen(true) });
  return (
    <Drawer opened={isOpen} onClose={() => setOpen(false)} position="right" size={360} title="Keys">
      {KEYS.map(([title, keys]) => (
        <section key={title} className={styles.group}>
          <h3>{title}</h3>
          <dl>
            {keys.map(([key, does]) => (
              <div key={does}>
                <dt>
                  {key.split('  ').map((one) => (
                    <kbd key={one}>{one}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Drawer>
  );
}
