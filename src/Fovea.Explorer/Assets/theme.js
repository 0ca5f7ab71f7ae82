// Light or dark as the reader chose it last, before anything is painted.
'use strict';
(() => {
  try {
    const chosen = localStorage.getItem('fovea-theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch { /* a browser that keeps nothing follows its system */ }
})();
