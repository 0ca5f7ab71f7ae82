// Keeps the boxes that are ticked in a gallery while its pages are turned. Without it those of one page are sent, as any form does.
'use strict';
(() => {
  const form = document.querySelector('form[data-ticks]');
  if (!form) return;
  const most = 1000, place = `fovea-ticks ${form.dataset.ticks}`;
  const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"]`)];
  const read = () => { try { return new Set(JSON.parse(sessionStorage.getItem(place) ?? '[]').filter(Number.isInteger)); } catch { return new Set(); } };

  let ticked = read();
  for (const box of boxes) if (box.checked) ticked.add(Number(box.value));

  function show() {
    for (const box of boxes) box.checked = ticked.has(Number(box.value));
    for (const field of form.querySelectorAll('[data-elsewhere]')) field.remove();
    const here = new Set(boxes.map(box => Number(box.value))), elsewhere = [...ticked].filter(unit => !here.has(unit)).sort((a, b) => a - b);
    if (elsewhere.length) {
      const field = Object.assign(document.createElement('input'), { type: 'hidden', name: 'units', value: elsewhere.join(',') });
      field.dataset.elsewhere = '';
      form.prepend(field);
    }
    const said = form.querySelector('output');
    said.textContent = ticked.size === 0 ? 'Tick units above to choose them.'
      : `${ticked.size.toLocaleString('en')} ${form.dataset.word}${ticked.size === 1 ? '' : 's'} ticked${elsewhere.length ? `, ${elsewhere.length.toLocaleString('en')} on other pages` : ''}.`;
    clear.hidden = ticked.size === 0;
    try { sessionStorage.setItem(place, JSON.stringify([...ticked])); } catch { /* They stay on this page. */ }
  }

  const clear = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Tick none' });
  form.querySelector('span').append(' ', clear);
  clear.addEventListener('click', () => { ticked = new Set(); show(); boxes[0]?.focus(); });
  for (const box of boxes) {
    box.addEventListener('change', () => {
      if (box.checked && ticked.size < most) ticked.add(Number(box.value)); else ticked.delete(Number(box.value));
      show();
    });
  }
  // A page that the browser kept knows nothing of what was ticked on others since.
  addEventListener('pageshow', event => { if (event.persisted) { ticked = read(); show(); } });
  show();
})();
