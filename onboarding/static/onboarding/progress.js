// Follows the preparation of a workspace; without script the page reloads itself instead.
(() => {
  const list = document.querySelector('[data-progress]');
  async function look() {
    try {
      const answer = await fetch(list.dataset.progress, { headers: { Accept: 'application/json' }, cache: 'no-store' });
      const { steps, state } = await answer.json();
      for (const { name, state: of, state_label: label } of steps) {
        const item = list.querySelector(`[data-step="${name}"]`);
        if (!item || item.dataset.state === of) continue;
        item.dataset.state = of;
        item.lastElementChild.textContent = `: ${label}`;
      }
      if (state !== list.dataset.state) return location.reload();
    } catch { /* the connection dropped: ask again */ }
    setTimeout(look, list.dataset.state === 'running' ? 700 : 3000);
  }
  setTimeout(look, 400);
})();
