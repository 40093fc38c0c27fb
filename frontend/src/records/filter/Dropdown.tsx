/** A popover whose own pick lists float above it: a click into those does not close it. */
import { Popover, type PopoverProps } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

const FLOATING = '.mantine-Combobox-dropdown, .mantine-Menu-dropdown, .mantine-Modal-root, .mantine-Popover-dropdown, [data-toast]';

export interface DropdownProps {
  opened: boolean;
  onClose: () => void;
  target: ReactNode;
  children: ReactNode;
  label: string;
  width?: PopoverProps['width'];
  position?: PopoverProps['position'];
  padding?: number;
  /** False when choosing moves the focus on to something else. */
  returnFocus?: boolean;
}

export function Dropdown({ opened, onClose, target, children, label, width = 320, position = 'bottom-start', padding = 8, returnFocus = true }: DropdownProps) {
  const anchor = useRef<HTMLSpanElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    if (!opened) return;
    const onPointerDown = (event: PointerEvent) => {
      const pressed = event.target as HTMLElement;
      if (!pressed.isConnected || pressed.closest(FLOATING) || anchor.current?.contains(pressed)) return;
      close.current();
    };
    document.addEventListener('pointerdown', onPointerDown, true);
    return () => document.removeEventListener('pointerdown', onPointerDown, true);
  }, [opened]);
  return (
    <Popover opened={opened} onChange={(next) => !next && onClose()} closeOnClickOutside={false} position={position} width={width} trapFocus returnFocus={returnFocus} withinPortal>
      <Popover.Target>
        <span ref={anchor} style={{ display: 'inline-flex', minWidth: 0 }}>
          {target}
        </span>
      </Popover.Target>
      {/* Escape closes this alone: dialogs leave keys of elements with the mark alone */}
      <Popover.Dropdown p={padding} role="dialog" aria-label={label} maw="calc(100vw - 16px)" onFocusCapture={(event) => (event.target as HTMLElement).setAttribute('data-mantine-stop-propagation', 'true')}>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
