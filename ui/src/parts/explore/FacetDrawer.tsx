import { Button, Drawer } from '@mantine/core';
import { useState } from 'react';
import styles from './FacetDrawer.module.css';
import { FacetRail, type FacetsOf } from './FacetRail.tsx';

/** The facets of a list that has no room for them beside it: a button leads to them. */
export function FacetDrawer(properties: FacetsOf) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button className={styles.button ?? ''} onClick={() => setOpen(true)} data-testid="facets-button">
        Facets
      </Button>
      <Drawer
        opened={isOpen}
        onClose={() => setOpen(false)}
        title="Facets"
        size={300}
        position="right"
        className={styles.drawer ?? ''}
      >
        <FacetRail {...properties} />
      </Drawer>
    </>
  );
}
