/** A text in which every word that was searched for is marked. */
export function Marked({ text, part }: { text: string; part: string }) {
  const words = part.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (!words.length) return <>{text}</>;
  const pieces = text.split(new RegExp(`(${words.join('|')})`, 'gi'));
  return (
    <>
      {pieces.map((piece, index) =>
        index % 2 ? (
          <mark key={index} style={{ background: 'var(--k-amber-soft)', color: 'inherit', borderRadius: 2 }}>{piece}</mark>
        ) : (
          piece
        ),
      )}
    </>
  );
}
