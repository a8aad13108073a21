import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { hasRoom } from '../Rows.tsx';
import { type Zone, zone as zoneNow } from '../times.ts';
import type { Density } from './explore_search.ts';
import styles from './ViewMenu.module.css';

interface Properties {
  columns: { id: string; title: string; from?: number }[];
  /** Ids of the columns that were chosen; null: none were, and those that fit are shown. */
  chosen: string[] | null;
  /** How wide the list is now, px; 0 where there is none. */
  listWidth: () => number;
  density: Density;
  onColumns: (ids: string[] | null) => void;
  onDensity: (density: Density) => void;
  onZone: (zone: Zone) => void;
}

/** What of the rows is shown: columns, density, and whose time. */
export function ViewMenu(properties: Properties) {
  const { columns, chosen, listWidth, density, onColumns, onDensity, onZone } = properties;
  const [width, setWidth] = useState(0);
  const fitting = columns.filter((column) => width === 0 || hasRoom(column, width)).map(({ id }) => id);
  const shown = chosen ?? fitting;
  const toggle = (id: string) => {
    const next = columns.map((column) => column.id).filter((one) => (one === id) !== shown.includes(one));
    if (next.length > 0) onColumns(next);
  };
  return (
    <Menu width={220} closeOnItemClick={false} onOpen={() => setWidth(listWidth())}>
      <Menu.Target>
        <Button data-testid="columns">Columns</Button>
      </Menu.Target>
      <Menu.Dropdown mah="72vh" style={{ overflow: 'auto' }}>
        {columns.map(({ id, title }) => (
          <Menu.CheckboxItem
            key={id}
            checked={shown.includes(id)}
            onChange={() => toggle(id)}
            rightSection={!chosen && !fitting.includes(id) && <small className={styles.room}>no room</small>}
          >
            {title || id.charAt(0).toUpperCase() + id.slice(1)}
          </Menu.CheckboxItem>
        ))}
        <Menu.Item onClick={() => onColumns(null)} c="dimmed">
          Those that fit
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Rows</Menu.Label>
        <Menu.RadioGroup value={density} onChange={(next) => onDensity(next as Density)}>
          <Menu.RadioItem value="cosy">Cosy</Menu.RadioItem>
          <Menu.RadioItem value="compact">Compact</Menu.RadioItem>
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>Times</Menu.Label>
        <Menu.RadioGroup value={zoneNow()} onChange={(next) => onZone(next as Zone)}>
          <Menu.RadioItem value="local">Local time</Menu.RadioItem>
          <Menu.RadioItem value="utc">UTC</Menu.RadioItem>
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
