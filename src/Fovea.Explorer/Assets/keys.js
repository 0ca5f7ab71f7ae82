// Obeys the list of keys that '?' shows, and switches between light and dark. Never while somebody types.
'use strict';
(() => {
  const dialog = document.getElementById('keys'), root = document.documentElement;
  if (!dialog) return;
  const bindings = [...dialog.querySelectorAll('[data-keys]')].map(({ dataset }) => ({
    keys: dataset.keys.split(' '), action: dataset.action, target: dataset.target,
  }));
  const typing = element => element instanceof Element && element.closest('input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]');
  // Of several selectors the first that finds something: they stand in the order of preference, not in that of the page.
  const shown = selectors => selectors.split(', ').flatMap(selector => [...document.querySelectorAll(selector)])
    .find(element => !element.disabled && (element.checkVisibility?.() ?? true));

  const actions = {
    click(target) { const found = shown(target); found?.click(); return Boolean(found); },
    focus(target) { const found = shown(target); found?.focus(); found?.select?.(); return Boolean(found); },
    go(target) { location.assign(target); return true; },
    call() {
      const tour = document.getElementById('tour');
      if (typing(document.activeElement)) document.activeElement.blur();
      else if (tour && !tour.hidden) tour.querySelector('[data-tour=end]').click();
      else return false;
      return true;
    },
  };

  let first = '', until = 0;
  addEventListener('keydown', event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // A dialog closes itself on Escape; a table or a slider keeps its arrows.
    if (document.querySelector('dialog[open]')) return;
    if (event.key !== 'Escape' && typing(event.target)) return;
    if (event.key.startsWith('Arrow') && event.target instanceof Element && event.target.closest('[role=region], [role=slider], summary, input')) return;
    // By when they were pressed: a page that is busy hears of both late.
    const pair = event.timeStamp < until ? [first, event.key] : null;
    const match = keys => keys && bindings.find(one => one.keys.length === keys.length && one.keys.every((key, i) => key === keys[i]));
    const found = match(pair) ?? match([event.key]);
    until = 0;
    if (!found) {
      if (bindings.some(one => one.keys.length === 2 && one.keys[0] === event.key)) (first = event.key, until = event.timeStamp + 2000);
      return;
    }
    if (actions[found.action]?.(found.target)) event.preventDefault();
  });

  document.querySelector('[data-keys-open]')?.addEventListener('click', () => dialog.showModal());
  dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });

  const button = document.querySelector('[data-theme-switch]'), system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const show = () => button?.setAttribute('aria-pressed', String(isDark()));
  button?.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    try { localStorage.setItem('fovea-theme', root.dataset.theme); } catch { /* for this page alone */ }
    show();
  });
  system.addEventListener('change', show);
  show();
  root.classList.add('scripted');
})();
