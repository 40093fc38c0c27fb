import { useT, type Key } from '@/i18n';
import classes from './model.module.css';
import { TypeIcon } from './TypeIcon';
import { FIELD_TYPES, type FieldKind } from './types';

/** All field types with what they are for. */
export function TypeGallery({ onPick }: { onPick: (type: FieldKind) => void }) {
  const t = useT();
  return (
    <div className={classes.gallery}>
      {FIELD_TYPES.map((type, index) => (
        <button key={type} type="button" className={classes.tile} data-autofocus={index === 0 || undefined} onClick={() => onPick(type)}>
          <TypeIcon type={type} size={20} />
          <span>
            <b>{t(`model.type.${type}` as Key)}</b>
            <span className="k-meta">{t(`model.typeHelp.${type}` as Key)}</span>
          </span>
        </button>
      ))}
    </div>
  );
}
