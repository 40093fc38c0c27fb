// Sets the colour scheme before the first paint, so a dark-theme user never sees a white flash.
// A file, not an inline script, because the content security policy forbids inline scripts.
(function () {
  var stored = null;
  try {
    stored = localStorage.getItem('kontor.theme');
  } catch {
    // Storage may be blocked by the browser; the system's scheme is used then.
  }
  var dark = stored === 'dark' || (stored !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
