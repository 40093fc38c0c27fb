import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const accent: MantineColorsTuple = ['#eef0ff', '#e0e3ff', '#c5c9fd', '#a5a8ff', '#8583f6', '#6d68ee', '#4f46e5', '#4338ca', '#3a32a8', '#312c85'];
const gray: MantineColorsTuple = ['#f7f8fa', '#f1f3f6', '#e5e8ed', '#ccd2db', '#a3abb9', '#697283', '#525b6b', '#3a4250', '#272d38', '#191e28'];
const dark: MantineColorsTuple = ['#e7e9ee', '#a9b1bf', '#8b94a4', '#565e6d', '#414856', '#2a2f38', '#20242c', '#191c22', '#14161b', '#0e1014'];
const red: MantineColorsTuple = ['#fdeaea', '#fbd5d5', '#f6abab', '#ff8a8a', '#e85555', '#d63a3a', '#c02626', '#a61f1f', '#861b1b', '#6b1818'];

/** The theme of the component library, made from the tokens of tokens.css. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  colors: { accent, gray, dark, red },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: 'var(--k-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '24px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '20px', xl: '24px' },
  radius: { xs: '4px', sm: '6px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'sm',
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  autoContrast: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Checkbox: { defaultProps: { radius: 4, size: 'xs' } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false, transitionProps: { duration: 80 } } },
    Menu: { defaultProps: { transitionProps: { duration: 80 }, shadow: 'none', offset: 4 } },
    Popover: { defaultProps: { transitionProps: { duration: 80 }, shadow: 'none', offset: 4 } },
    Modal: { defaultProps: { transitionProps: { duration: 120, transition: 'fade' }, overlayProps: { backgroundOpacity: 0.35 }, radius: 'lg' } },
    Drawer: { defaultProps: { transitionProps: { duration: 120 }, overlayProps: { backgroundOpacity: 0.35 } } },
  },
});

/** The library's own colour variables point at our tokens, so both follow the scheme together. */
export const resolveVariables: CSSVariablesResolver = () => {
  const common = {
    '--mantine-color-body': 'var(--k-bg)',
    '--mantine-color-text': 'var(--k-text)',
    '--mantine-color-dimmed': 'var(--k-text-3)',
    '--mantine-color-placeholder': 'var(--k-text-3)',
    '--mantine-color-anchor': 'var(--k-accent-text)',
    '--mantine-color-error': 'var(--k-red)',
    '--mantine-color-default': 'var(--k-bg-raised)',
    '--mantine-color-default-hover': 'var(--k-bg-hover)',
    '--mantine-color-default-border': 'var(--k-border-strong)',
    '--mantine-color-default-color': 'var(--k-text)',
    '--mantine-color-disabled': 'var(--k-bg-subtle)',
    '--mantine-color-disabled-border': 'var(--k-border)',
    '--mantine-color-disabled-color': 'var(--k-text-3)',
    '--mantine-primary-color-filled': 'var(--k-accent)',
    '--mantine-primary-color-filled-hover': 'var(--k-accent-hover)',
    '--mantine-color-gray-light-color': 'var(--k-text-2)',
    '--mantine-color-accent-filled': 'var(--k-accent)',
    '--mantine-color-accent-filled-hover': 'var(--k-accent-hover)',
    '--mantine-color-accent-light': 'var(--k-accent-soft)',
    '--mantine-color-accent-light-color': 'var(--k-accent-text)',
    '--mantine-color-accent-text': 'var(--k-accent-text)',
  };
  return { variables: {}, light: common, dark: common };
};
