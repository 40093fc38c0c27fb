import { Menu } from '@mantine/core';
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';

import { DEPTHS, type Depth } from '@/api/people';
import { useT, type Key } from '@/i18n';
import { Icon } from '@/ui/icons';
import { DepthSign } from './DepthSign';
import type { MatrixGroup } from './groups';
import { depthAt, setCells, setColumn, type Choices, type Matrix } from './matrix';
import classes from './roles.module.css';

export interface PrivilegeMatrixProps {
  groups: MatrixGroup[];
  privileges: string[];
  matrix: Matrix;
  choices: Choices;
  /** Another role whose differing depths are written below. */
  other?: { name: string; matrix: Matrix } | null;
  onChange: (matrix: Matrix) => void;
  disabled?: boolean;
}

/** The button whose menu is open, what can be chosen, and what a choice does. */
interface Asking {
  button: HTMLElement;
  current: Depth | null;
  choices: Depth[];
  apply: (depth: Depth) => Matrix;
}

/**
 * Objects × privileges; every cell says by circle and word how far the privilege reaches. Arrow keys move between
 * cells. One menu serves all cells: hundreds of them would make the page slow.
 */
export function PrivilegeMatrix({ groups, privileges, matrix, choices, other, onChange, disabled }: PrivilegeMatrixProps) {
  const t = useT();
  const table = useRef<HTMLTableElement>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const all = groups.flatMap((group) => group.objects.map((object) => object.name));
  const privilegeLabel = (privilege: string) => t(`roles.privilege.${privilege}` as Key);

  // the menu hangs at a place on the screen: it does not stay when its cell moves away
  useEffect(() => {
    if (!asking) return;
    const scrolled = (event: Event) => event.target instanceof Node && event.target.contains(asking.button) && setAsking(null);
    window.addEventListener('scroll', scrolled, true);
    return () => window.removeEventListener('scroll', scrolled, true);
  }, [asking]);

  const move = (event: KeyboardEvent<HTMLTableElement>) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-row]') : null;
    if (!step || !cell) return;
    const next = table.current?.querySelector<HTMLElement>(`[data-row="${Number(cell.dataset.row) + step[0]!}"][data-column="${Number(cell.dataset.column) + step[1]!}"]`);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };
  const ask = (event: MouseEvent<HTMLElement>, current: Depth | null, offered: Depth[], apply: Asking['apply']) => setAsking({ button: event.currentTarget, current, choices: offered, apply });
  const close = () => {
    asking?.button.focus();
    setAsking(null);
  };

  return (
    <div className={classes.frame}>
      <div className={classes.scroll}>
        <table ref={table} className={classes.matrix} onKeyDown={move}>
          <thead>
            <tr>
              <th scope="col" className={classes.object}>{t('roles.object')}</th>
              {privileges.map((privilege) => (
                <th key={privilege} scope="col">
                  <button
                    type="button"
                    className={classes.headButton}
                    disabled={disabled}
                    aria-haspopup="menu"
                    aria-label={t('roles.wholeColumn', { privilege: privilegeLabel(privilege) })}
                    onClick={(event) => ask(event, null, [...DEPTHS], (depth) => setColumn(matrix, all, privilege, depth, choices))}
                  >
                    {privilegeLabel(privilege)}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          {groups.map((group) => (
            <tbody key={group.label}>
              <tr>
                <th scope="rowgroup" colSpan={privileges.length + 1} className={classes.groupRow}>{group.label}</th>
              </tr>
              {group.objects.map((object) => (
                <tr key={object.name}>
                  <th scope="row" className={classes.object}>
                    <button
                      type="button"
                      className={classes.headButton}
                      disabled={disabled}
                      aria-haspopup="menu"
                      aria-label={t('roles.wholeRow', { object: object.label })}
                      title={object.label}
                      onClick={(event) => ask(event, null, choices[object.name] ?? [...DEPTHS], (depth) => setCells(matrix, object.name, privileges, depth))}
                    >
                      <Icon name={object.icon} />
                      <span className="k-truncate">{object.label}</span>
                    </button>
                  </th>
                  {privileges.map((privilege, column) => {
                    const depth = depthAt(matrix, object.name, privilege);
                    const against = other ? depthAt(other.matrix, object.name, privilege) : depth;
                    const label = t(`roles.depth.${depth}` as Key);
                    const theirs = against === depth ? '' : t('roles.otherDepth', { role: other!.name, depth: t(`roles.depth.${against}` as Key) });
                    return (
                      <td key={privilege}>
                        <button
                          type="button"
                          className={classes.cell}
                          data-depth={depth}
                          data-differs={theirs ? true : undefined}
                          data-row={all.indexOf(object.name)}
                          data-column={column}
                          disabled={disabled}
                          aria-haspopup="menu"
                          aria-label={[`${t('roles.cell', { object: object.label, privilege: privilegeLabel(privilege) })}: ${label}`, theirs].filter(Boolean).join(', ')}
                          title={theirs || undefined}
                          onClick={(event) => ask(event, depth, choices[object.name] ?? [...DEPTHS], (next) => setCells(matrix, object.name, [privilege], next))}
                        >
                          <DepthSign depth={depth} />
                          <span>
                            {label}
                            {theirs && <span className={classes.other}>{t(`roles.depth.${against}` as Key)}</span>}
                          </span>
                        </button>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </div>
      {asking && (
        <DepthMenu
          asking={asking}
          onClose={close}
          onPick={(depth) => {
            onChange(asking.apply(depth));
            close();
          }}
        />
      )}
    </div>
  );
}

function DepthMenu({ asking, onClose, onPick }: { asking: Asking; onClose: () => void; onPick: (depth: Depth) => void }) {
  const t = useT();
  const place = asking.button.getBoundingClientRect();
  return (
    <Menu opened onClose={onClose} position="bottom-start" width={300} withinPortal trapFocus withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <span aria-hidden style={{ position: 'fixed', pointerEvents: 'none', left: place.left, top: place.top, width: place.width, height: place.height }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={asking.current ?? ''} onChange={(depth) => onPick(depth as Depth)}>
          {asking.choices.map((depth) => (
            <Menu.RadioItem key={depth} value={depth} data-autofocus={(asking.current ?? 'none') === depth || undefined}>
              <span className={classes.depth}>
                <DepthSign depth={depth} size={16} />
                <span>
                  {t(`roles.depth.${depth}` as Key)}
                  <span className="k-meta">{t(`roles.depthHelp.${depth}` as Key)}</span>
                </span>
              </span>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
