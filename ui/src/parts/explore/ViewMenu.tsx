import { Button, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from '../Icon.tsx';
import { type Zone, zone as zoneNow } from '../times.ts';
import type { Density } from './explore_search.ts';

interface Properties {
  columns: { id: string; title: string }[];
  shown: string[];
  density: Density;
  onColumns: (ids: string[] | null) => void;
  onDensity: (density: Density) => void;
  onZone: (zone: Zone) => void;
}

/** What of the rows is shown: columns, density, and whose time. */
export function ViewMenu({ columns, shown, density, onColumns, onDensity, onZone }: Properties) {
  const toggle = (id: string) => {
    const next = columns.map((column) => column.id).filter((one) => (one === id) !== shown.includes(one));
    if (next.length > 0) onColumns(next);
  };
  return (
    <Menu width={220} closeOnItemClick={false}>
      <Menu.Target>
        <Button data-testid="columns">Columns</Button>
      </Menu.Target>
      <Menu.Dropdown mah={440} style={{ overflow: 'auto' }}>
        {columns.map(({ id, title }) => (
          <Choice key={id} isOn={shown.includes(id)} onClick={() => toggle(id)}>
            {title || id}
          </Choice>
        ))}
        <Menu.Item onClick={() => onColumns(null)} c="dimmed">
          Those that fit
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Rows</Menu.Label>
        <Choice isOn={density === 'cosy'} onClick={() => onDensity('cosy')}>
          Cosy
        </Choice>
        <Choice isOn={density === 'compact'} onClick={() => onDensity('compact')}>
          Compact
        </Choice>
        <Menu.Divider />
        <Menu.Label>Times</Menu.Label>
        <Choice isOn={zoneNow() === 'local'} onClick={() => onZone('local')}>
          Local time
        </Choice>
        <Choice isOn={zoneNow() === 'utc'} onClick={() => onZone('utc')}>
          UTC
        </Choice>
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice({ isOn, onClick, children }: { isOn: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <Menu.Item
      role="menuitemcheckbox"
      aria-checked={isOn}
      onClick={onClick}
      rightSection={isOn ? <Icon name="check" size={14} /> : null}
    >
      {children}
    </Menu.Item>
  );
}
