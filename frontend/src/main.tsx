import '@fontsource-variable/inter/wght.css';
import '@/ui/styles';
import { createRoot } from 'react-dom/client';

import { App } from '@/app/App';

createRoot(document.getElementById('root')!).render(<App />);
