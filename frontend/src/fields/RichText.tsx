import DOMPurify from 'dompurify';
import { useMemo } from 'react';

import classes from './fields.module.css';

const PICTURE = /^(https:|data:image\/(png|jpe?g|gif|webp);base64,)/i;

/** Mark-up of people and mails: no scripts, no forms, no styles; links open in a new tab; pictures only by https or inline data. */
export function sanitise(html: string): string {
  const fragment = DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'iframe', 'video', 'audio'],
    FORBID_ATTR: ['style', 'class', 'id', 'name', 'srcset'],
    ALLOWED_URI_REGEXP: /^(https?:|mailto:|tel:)/i,
    RETURN_DOM_FRAGMENT: true,
  });
  fragment.querySelectorAll('a').forEach((link) => {
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
  });
  fragment.querySelectorAll('img').forEach((picture) => {
    if (!PICTURE.test(picture.getAttribute('src') ?? '')) picture.remove();
  });
  const box = document.createElement('div');
  box.append(fragment);
  return box.innerHTML;
}

/** Rich text as it may be shown; the sanitiser is loaded with the first rich text. */
export default function RichText({ html }: { html: string }) {
  const safe = useMemo(() => sanitise(html), [html]);
  return <div className={classes.rich} dangerouslySetInnerHTML={{ __html: safe }} />;
}
