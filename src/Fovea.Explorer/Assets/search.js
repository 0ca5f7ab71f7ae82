// The search of every page: Ctrl+K or Cmd+K opens it, arrows choose, Enter goes there. Without it the page of the same name does the same.
'use strict';
(() => {
  let dialog, input, list, status, asked = 0;

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  function build() {
    input = make('input', { type: 'search', maxLength: 200, autocomplete: 'off', placeholder: 'number, class, word of a note, layer, like this, on run-12' });
    input.setAttribute('aria-label', 'Search');
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-controls', 'search-hits');
    input.setAttribute('aria-expanded', 'true');
    list = make('ol', { id: 'search-hits', className: 'hits' });
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', 'Hits');
    status = make('p', { className: 'muted' });
    status.setAttribute('role', 'status');
    dialog = make('dialog', { className: 'search' }, input, status, list);
    dialog.setAttribute('aria-label', 'Search');
    document.body.append(dialog);
    input.addEventListener('input', find);
    dialog.addEventListener('keydown', walk);
    dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
  }

  const choices = () => [...list.querySelectorAll('li')];

  function choose(at) {
    const all = choices();
    all.forEach((item, i) => item.setAttribute('aria-selected', i === at ? 'true' : 'false'));
    if (all[at]) { input.setAttribute('aria-activedescendant', all[at].id); all[at].scrollIntoView({ block: 'nearest' }); }
    else input.removeAttribute('aria-activedescendant');
  }

  function walk(event) {
    const all = choices(), at = all.findIndex(item => item.getAttribute('aria-selected') === 'true');
    if (event.key === 'ArrowDown') choose(Math.min(at + 1, all.length - 1));
    else if (event.key === 'ArrowUp') choose(Math.max(at - 1, 0));
    else if (event.key === 'Enter' && all.length) location.href = all[Math.max(at, 0)].querySelector('a').href;
    else return;
    event.preventDefault();
  }

  async function find() {
    const mine = ++asked, query = input.value;
    let answer;
    try {
      const response = await fetch(`/api/search?q=${encodeURIComponent(query)}&from=${encodeURIComponent(location.pathname)}`);
      answer = await response.json();
      if (!response.ok) throw new Error(answer.error);
    } catch {
      if (mine === asked) status.textContent = 'The explorer does not answer.';
      return;
    }
    // A slower answer to an earlier query must not cover this one.
    if (mine !== asked) return;
    status.textContent = !query.trim() ? '' : answer.hits.length === 0 ? 'Nothing was found.' : answer.more ? `the first ${answer.hits.length}` : `${answer.hits.length} found`;
    list.replaceChildren(...answer.hits.map((hit, i) => {
      const item = make('li', { id: `search-hit-${i}` },
        make('a', { href: hit.address, textContent: hit.title, tabIndex: -1 }), ' ', make('span', { className: 'muted', textContent: hit.detail }));
      item.setAttribute('role', 'option');
      return item;
    }));
    choose(0);
  }

  document.addEventListener('keydown', event => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
    event.preventDefault();
    if (!dialog) build();
    if (!dialog.open) dialog.showModal();
    input.select();
    // What can be asked of this page, until something is typed.
    if (!input.value.trim()) find();
  });
  // Another unit has come into the page (walk.js): what was found from the one before is not what is near this one.
  document.addEventListener('fovea:page', () => { dialog?.remove(); dialog = undefined; });
})();
