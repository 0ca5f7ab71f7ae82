// The tour: once, on the first visit, or by '?tour=1'. What is seen is kept in this browser.
'use strict';
(() => {
  const tour = document.getElementById('tour');
  if (!tour) return;
  const steps = [...tour.querySelectorAll('ol > li')], place = tour.querySelector('[data-tour-place]');
  const button = name => tour.querySelector(`[data-tour=${name}]`);
  const asked = new URLSearchParams(location.search).get('tour') === '1';
  let seen = true;
  try { seen = localStorage.getItem('fovea-tour') === 'seen'; } catch { /* nothing is kept: it is not pressed on anybody */ }
  if (!asked && seen) return;

  let at = 0;
  const show = () => {
    steps.forEach((step, i) => { step.hidden = i !== at; });
    place.textContent = `${at + 1} of ${steps.length}`;
    button('back').disabled = at === 0;
    button('next').hidden = at === steps.length - 1;
  };
  const end = () => {
    tour.hidden = true;
    try { localStorage.setItem('fovea-tour', 'seen'); } catch { /* asked again next time */ }
  };
  button('back').addEventListener('click', () => { at = Math.max(0, at - 1); show(); });
  button('next').addEventListener('click', () => { at = Math.min(steps.length - 1, at + 1); show(); if (at === steps.length - 1) button('end').focus(); });
  button('end').addEventListener('click', end);
  tour.hidden = false;
  show();
  if (asked) tour.focus();
})();
