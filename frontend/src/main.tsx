import '@fontsource-variable/inter/wght.css';
import '@/ui/styles';
import { createRoot } from 'react-dom/client';

import { App } from '@/app/App';

// After a new version was published the files of the old one are gone: load the page once anew instead of failing.
const RELOADED_KEY = 'kontor.reloaded';
const RELOAD_PAUSE_MS = 30_000;
window.addEventListener('vite:preloadError', (event) => {
  const last = Number(sessionStorage.getItem(RELOADED_KEY) ?? 0);
  if (Date.now() - last < RELOAD_PAUSE_MS) return;
  event.preventDefault();
  sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
  location.reload();
});

createRoot(document.getElementById('root')!).render(<App />);
