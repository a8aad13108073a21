import { Drawer } from '@mantine/core';
import { useState } from 'react';
import styles from './KeyHelp.module.css';
import { useKeys } from './keys.ts';

type Keys = [title: string, keys: [key: string, does: string][]];

/** The Diptych's own; they come first where one is shown. */
const DIPTYCH: Keys = [
  'Diptych',
  [
    ['space', 'play, pause'],
    ['←  →', 'five seconds back, on'],
    [',  .', 'one change of the page back, on'],
    ['[  ]', 'answer before, next answer'],
    ['r', 'where nothing was recorded: to where the recording goes on'],
    ['j  k', 'next span, span before: the replay goes there'],
    ['h  l', 'fold, unfold what is below a span'],
    ['/', 'find in the trace'],
    ['s  i', 'speed; skip idle stretches, or not'],
    ['g', 'follow a session that is going on'],
    ['e  c  n  x', 'events, console, network, errors'],
    ['m', 'comments'],
    ['f  a', 'only the replay, only the agent'],
    ['esc', 'back: both panels, no list, the session'],
  ],
];

const KEYS: Keys[] = [
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

function isDiptych(): boolean {
  return window.location.pathname.endsWith('/diptych');
}

/** The keys of the interface, on `?`. */
export function KeyHelp() {
  const [isOpen, setOpen] = useState(false);
  useKeys({ '?': () => setOpen(true) });
  return (
    <Drawer opened={isOpen} onClose={() => setOpen(false)} position="right" size={360} title="Keys">
      {(isOpen && isDiptych() ? [DIPTYCH, ...KEYS] : [...KEYS, DIPTYCH]).map(([title, keys]) => (
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
