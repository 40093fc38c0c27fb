/** A kept filter in words, one chip for each part; what is gone stands out. */
import type { Filter } from '@/api';
import { useT } from '@/i18n';
import type { Entity } from '@/metadata';
import { brokenNames } from '../filter/broken';
import { describe, describeGroup, useReferencedIds } from '../filter/describe';
import { useReferenceNames } from '../filter/names';
import { attributesIn, partsOf } from '../filter/tree';
import { useRelatedEntities } from '../list/entities';
import classes from './members.module.css';

export function Words({ entity, filter }: { entity: Entity; filter: Filter }) {
  const t = useT();
  const { find } = useRelatedEntities(entity, attributesIn(filter));
  const parts = partsOf(filter);
  const names = useReferenceNames(useReferencedIds(entity, parts, find));
  return (
    <>
      {parts.map((part, index) => {
        const said = describe(t, entity, part, find, names);
        const broken = said?.broken || brokenNames(entity, { filter: part }, find).length > 0;
        return (
          <span key={index} className={classes.word} data-broken={broken || undefined}>
            {said ? (
              <>
                <span>{said.label}</span>
                <span className="k-meta">{said.operator}</span>
                <span className="k-truncate">{said.value}</span>
              </>
            ) : (
              <span>{describeGroup(t, entity, part)}</span>
            )}
          </span>
        );
      })}
    </>
  );
}
