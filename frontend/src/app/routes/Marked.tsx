import type { ExcerptPart } from '@/api/types';

const MARK = { background: 'var(--k-amber-soft)', color: 'inherit', borderRadius: 2 };

/** A piece of a long text with what matched marked; its parts are text, never markup. */
export function Excerpt({ parts, className }: { parts: ExcerptPart[]; className?: string }) {
  return <span className={className}>{parts.map((part, index) => (part.hit ? <mark key={index} style={MARK}>{part.text}</mark> : part.text))}</span>;
}

/** A text in which every word that was searched for is marked. */
export function Marked({ text, part }: { text: string; part: string }) {
  const words = part.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (!words.length) return <>{text}</>;
  const pieces = text.split(new RegExp(`(${words.join('|')})`, 'gi'));
  return (
    <>
      {pieces.map((piece, index) =>
        index % 2 ? (
          <mark key={index} style={MARK}>{piece}</mark>
        ) : (
          piece
        ),
      )}
    </>
  );
}
