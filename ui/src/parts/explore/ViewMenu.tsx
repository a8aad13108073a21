import { Button, Menu } from '@mantine/core';
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
          <Menu.CheckboxItem key={id} checked={shown.includes(id)} onChange={() => toggle(id)}>
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
