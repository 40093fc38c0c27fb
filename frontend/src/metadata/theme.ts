import { useMantineColorScheme, type MantineColorScheme } from '@mantine/core';

import { errorMessage } from '@/api/errors';
import { updateSession } from '@/api/workspace';
import { toast } from '@/ui/toast';

/** The theme on this screen, remembered with the user; the screen changes although the server may be away. */
export function useTheme(): [MantineColorScheme, (theme: MantineColorScheme) => void] {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return [
    colorScheme,
    (theme) => {
      setColorScheme(theme);
      updateSession({ theme }).catch((error: unknown) => toast({ message: errorMessage(error), kind: 'error' }));
    },
  ];
}
