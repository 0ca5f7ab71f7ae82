// Sorts and filters a gallery. What is chosen stands in the address after '#', so that it can be kept, sent and come back to.
'use strict';
(() => {
  const form = document.querySelector('form.controls'), list = document.querySelector('ol.gallery');
  if (!form || !list) return;

  const cards = [...list.children].map(element => ({ element, words: `${element.textContent} ${element.dataset.words ?? ''}`.toLowerCase() }));
  const fields = [...form.elements].filter(field => field.matches('select, input'));
  const ranges = [...form.querySelectorAll('fieldset')].map(set => {
    const [from, to] = set.querySelectorAll('input');
    return { key: from.name.replace(/-from$/, ''), from, to };
  });
  const output = form.querySelector('output'), all = output.textContent;

  const number = (card, key) => key in card.element.dataset ? Number(card.element.dataset[key]) : NaN;

  function passes(card) {
    if (!form.words.value.toLowerCase().split(/\s+/).every(word => card.words.includes(word))) return false;
    return ranges.every(({ key, from, to }) => {
      if (from.value === '' && to.value === '') return true;
      const value = number(card, key);
      // What is not known is in no range.
      return !Number.isNaN(value) && (from.value === '' || value >= Number(from.value)) && (to.value === '' || value <= Number(to.value));
    });
  }

  function apply() {
    const key = form.sort.value, sign = form.order.value === 'up' ? 1 : -1;
    const sorted = !key ? cards : [...cards].sort((a, b) => {
      const [x, y] = [number(a, key), number(b, key)];
      // What is not known stands last either way; equals stay in the run's order.
      return Number.isNaN(x) || Number.isNaN(y) ? Number.isNaN(x) - Number.isNaN(y) : sign * (x - y);
    });
    let shown = 0;
    for (const card of cards) shown += !(card.element.hidden = !passes(card));
    list.append(...sorted.map(card => card.element));
    output.textContent = shown === cards.length ? all : `${shown.toLocaleString('en')} of ${all}`;
  }

  function read() {
    const state = new URLSearchParams(location.hash.slice(1));
    // A value that a field cannot have is none.
    for (const field of fields) {
      const value = state.get(field.name) ?? '';
      field.value = field.type === 'number' && !Number.isFinite(Number(value)) ? '' : value;
    }
    for (const field of form.querySelectorAll('select')) if (field.selectedIndex < 0) field.value = '';
    if (ranges.some(({ from, to }) => from.value || to.value)) form.querySelector('details').open = true;
    apply();
  }

  function write() {
    const state = new URLSearchParams(fields.filter(field => field.value).map(field => [field.name, field.value]));
    history.replaceState(null, '', `${location.pathname}${location.search}${state.size ? `#${state}` : ''}`);
    apply();
  }

  form.addEventListener('input', write);
  // Not the form's own reset: that empties the fields after this event, and the cards would lag behind the button.
  form.addEventListener('reset', event => {
    event.preventDefault();
    for (const field of fields) field.value = '';
    write();
  });
  form.addEventListener('submit', event => event.preventDefault());
  addEventListener('hashchange', read);
  read();
})();
