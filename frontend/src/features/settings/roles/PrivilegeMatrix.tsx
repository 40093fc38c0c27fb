import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useRef, type KeyboardEvent, type ReactElement } from 'react';

import { DEPTHS, type Depth } from '@/api/people';
import { useT, type Key } from '@/i18n';
import { Icon } from '@/ui/icons';
import { DepthSign } from './DepthSign';
import { depthAt, setCells, setColumn, type Matrix } from './matrix';
import classes from './roles.module.css';

export interface MatrixGroup {
  label: string;
  objects: { name: string; label: string; icon: string | null }[];
}

export interface PrivilegeMatrixProps {
  groups: MatrixGroup[];
  privileges: string[];
  matrix: Matrix;
  onChange: (matrix: Matrix) => void;
  disabled?: boolean;
}

/** Objects × privileges; every cell says by circle and word how far the privilege reaches. Arrow keys move between cells. */
export function PrivilegeMatrix({ groups, privileges, matrix, onChange, disabled }: PrivilegeMatrixProps) {
  const t = useT();
  const table = useRef<HTMLTableElement>(null);
  const all = groups.flatMap((group) => group.objects.map((object) => object.name));
  const privilegeLabel = (privilege: string) => t(`roles.privilege.${privilege}` as Key);

  const move = (event: KeyboardEvent<HTMLTableElement>) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-row]') : null;
    if (!step || !cell || cell.getAttribute('aria-expanded') === 'true') return;
    const next = table.current?.querySelector<HTMLElement>(`[data-row="${Number(cell.dataset.row) + step[0]!}"][data-column="${Number(cell.dataset.column) + step[1]!}"]`);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };

  return (
    <div className={classes.scroll}>
      <table ref={table} className={classes.matrix} onKeyDown={move}>
        <thead>
          <tr>
            <th scope="col" className={classes.object}>{t('roles.object')}</th>
            {privileges.map((privilege) => (
              <th key={privilege} scope="col">
                <DepthMenu disabled={disabled} onPick={(depth) => onChange(setColumn(matrix, all, privilege, depth))}>
                  <button type="button" className={classes.headButton} disabled={disabled} aria-label={t('roles.wholeColumn', { privilege: privilegeLabel(privilege) })}>
                    {privilegeLabel(privilege)}
                  </button>
                </DepthMenu>
              </th>
            ))}
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.label}>
            <tr>
              <th scope="rowgroup" colSpan={privileges.length + 1} className={classes.groupRow}>{group.label}</th>
            </tr>
            {group.objects.map((object) => {
              const at = all.indexOf(object.name);
              return (
                <tr key={object.name}>
                  <th scope="row" className={classes.object}>
                    <DepthMenu disabled={disabled} onPick={(depth) => onChange(setCells(matrix, object.name, privileges, depth))}>
                      <button type="button" className={classes.headButton} disabled={disabled} aria-label={t('roles.wholeRow', { object: object.label })}>
                        <Icon name={object.icon} />
                        <span className="k-truncate">{object.label}</span>
                      </button>
                    </DepthMenu>
                  </th>
                  {privileges.map((privilege, column) => {
                    const depth = depthAt(matrix, object.name, privilege);
                    const label = t(`roles.depth.${depth}` as Key);
                    return (
                      <td key={privilege}>
                        <DepthMenu disabled={disabled} current={depth} onPick={(next) => onChange(setCells(matrix, object.name, [privilege], next))}>
                          <button
                            type="button"
                            className={classes.cell}
                            data-depth={depth}
                            data-row={at}
                            data-column={column}
                            disabled={disabled}
                            aria-label={`${t('roles.cell', { object: object.label, privilege: privilegeLabel(privilege) })}: ${label}`}
                          >
                            <DepthSign depth={depth} />
                            {label}
                          </button>
                        </DepthMenu>
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function DepthMenu({ children, current, onPick, disabled }: { children: ReactElement; current?: Depth; onPick: (depth: Depth) => void; disabled?: boolean }) {
  const t = useT();
  return (
    <Menu position="bottom-start" width={300} disabled={disabled} withinPortal>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {DEPTHS.map((depth) => (
          <Menu.Item
            key={depth}
            role="menuitemradio"
            aria-checked={current === depth}
            leftSection={<DepthSign depth={depth} size={16} />}
            rightSection={current === depth ? <IconCheck size={16} stroke={1.75} aria-hidden /> : undefined}
            onClick={() => onPick(depth)}
          >
            {t(`roles.depth.${depth}` as Key)}
            <div className="k-meta">{t(`roles.depthHelp.${depth}` as Key)}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
