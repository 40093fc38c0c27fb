import { DEPTHS, type Depth } from '@/api/people';

/** A circle filled as far as the privilege reaches; always beside the depth's name. */
export function DepthSign({ depth, size = 14 }: { depth: Depth; size?: number }) {
  const share = DEPTHS.indexOf(depth) / (DEPTHS.length - 1);
  const radius = 6;
  const angle = 2 * Math.PI * share;
  const [x, y] = [8 + radius * Math.sin(angle), 8 - radius * Math.cos(angle)];
  const color = depth === 'none' ? 'var(--k-text-3)' : 'var(--k-accent-text)';
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden style={{ flex: 'none', color }}>
      <circle cx="8" cy="8" r={radius + 0.75} fill="none" stroke="currentColor" strokeWidth="1.25" opacity={depth === 'none' ? 0.7 : 1} />
      {share === 1 ? (
        <circle cx="8" cy="8" r={radius - 1} fill="currentColor" />
      ) : share > 0 ? (
        <path d={`M8 8 L8 ${8 - radius} A${radius} ${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${x} ${y} Z`} fill="currentColor" />
      ) : null}
    </svg>
  );
}
