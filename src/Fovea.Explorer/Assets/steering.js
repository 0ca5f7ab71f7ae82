// What a unit's examples would score if it were weaker or stronger: (factor − 1) times what it adds to each score. The page says the same of
// a unit that is switched off without script.
'use strict';
{
  const start = () => {
    const root = document.querySelector('[data-steering]'), slider = root?.querySelector('input'), said = root?.querySelector('output');
    if (!slider) return;
    const cells = [...root.querySelectorAll('[data-effect]')].map(cell => ({ cell, effect: Number(cell.dataset.effect) }));
    const number = value => {
      const size = Math.abs(value);
      if (size === 0) return '0';
      const digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
      const text = size < 1e-3 ? value.toExponential(2).replace('e+', 'e') : String(Number(value.toFixed(digits)));
      return (value > 0 ? '+' : '') + text.replaceAll('-', '−');
    };
    function show() {
      const factor = Number(slider.value);
      said.textContent = slider.value.replace('-', '−');
      slider.setAttribute('aria-valuetext', factor === 0 ? 'switched off' : factor === 1 ? 'as it is' : `times ${factor}`);
      for (const { cell, effect } of cells) cell.textContent = number((factor - 1) * effect);
    }
    // What is chosen stands in the address after '#', so that it can be kept and sent.
    const kept = /^#steering=(-?[0-9.]+)$/.exec(location.hash);
    if (kept && Number.isFinite(Number(kept[1]))) slider.value = kept[1];
    slider.addEventListener('input', show);
    slider.addEventListener('change', () => history.replaceState(history.state, '', `${location.pathname}${location.search}#steering=${slider.value}`));
    show();
  };
  start();
  // Another unit has come into the page (walk.js).
  document.addEventListener('fovea:page', start);
}
