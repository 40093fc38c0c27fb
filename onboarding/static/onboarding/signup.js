// Conveniences of the sign-up form. Everything works without this file: the server checks and fills in the same.
(() => {
  const form = document.querySelector('form[data-check]');
  if (!form) return;
  const company = form.elements.company, slug = form.elements.slug, state = document.getElementById('slug_state');
  const country = form.elements.country;
  let slugIsOurs = !slug.value, timer = 0, asked = 0;
  const chosen = new Set();

  async function get(url, parameters) {
    const answer = await fetch(`${url}?${new URLSearchParams(parameters)}`, { headers: { Accept: 'application/json' } });
    return answer.ok ? answer.json() : null;
  }

  function show(text, kind) {
    state.textContent = text;
    state.className = kind === 'error' ? 'error' : kind === 'ok' ? 'hint ok' : 'hint';
    slug.setAttribute('aria-describedby', 'slug_state');
    kind === 'error' ? slug.setAttribute('aria-invalid', 'true') : slug.removeAttribute('aria-invalid');
    const old = document.getElementById('error_slug');
    if (old) old.remove();
  }

  async function check(parameters) {
    const round = ++asked;
    const answer = await get(form.dataset.check, parameters);
    if (round !== asked || !answer) return;
    if (parameters.company !== undefined && answer.name) slug.value = answer.name;
    if (answer.available) show(`✓ ${state.dataset.free}`, 'ok');
    else if (slug.value) show(answer.message, 'error');
  }

  const later = (parameters) => { clearTimeout(timer); timer = setTimeout(() => check(parameters()), 300); };
  company.addEventListener('input', () => { if (slugIsOurs && company.value.trim()) later(() => ({ company: company.value })); });
  slug.addEventListener('input', () => {
    slugIsOurs = !slug.value;
    if (slug.value) later(() => ({ name: slug.value }));
  });
  if (slug.value && !document.getElementById('error_slug')) check({ name: slug.value });

  for (const name of ['language', 'currency', 'time_zone']) {
    form.elements[name].addEventListener('change', () => chosen.add(name));
  }
  function set(name, value) {
    const field = form.elements[name];
    if (!chosen.has(name) && [...field.options].some((option) => option.value === value)) field.value = value;
  }
  country.addEventListener('change', async () => {
    const usual = await get(form.dataset.country, { code: country.value });
    if (usual) for (const name of ['language', 'currency', 'time_zone']) set(name, usual[name]);
  });
  if (!form.elements.time_zone.value) set('time_zone', Intl.DateTimeFormat().resolvedOptions().timeZone);

  // The proof of work, where one is asked for, begins with the first touch of the form and is there long before it is sent.
  let solved = null;
  function prove() {
    if (!solved && window.Worker && form.dataset.proof) {
      solved = new Promise((resolve) => {
        const worker = new Worker(form.dataset.worker);
        worker.onmessage = ({ data }) => { form.elements.proof.value = data; worker.terminate(); resolve(); };
        worker.onerror = resolve;
        worker.postMessage({ challenge: form.elements.challenge.value, bits: Number(form.dataset.proof) });
      });
    }
    return solved;
  }
  form.addEventListener('focusin', prove, { once: true });
  form.addEventListener('submit', (event) => {
    if (form.elements.proof.value || !prove()) return;
    event.preventDefault();
    solved.then(() => form.submit());
  });

  const problems = document.getElementById('problems');
  if (problems) (form.querySelector('[aria-invalid=true]') || problems).focus();
  form.addEventListener('submit', () => setTimeout(() => { form.querySelector('button.wide').disabled = true; }));
  window.addEventListener('pageshow', () => { form.querySelector('button.wide').disabled = false; });
})();
