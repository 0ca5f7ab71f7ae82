// Waits for lists that are still being counted, and puts them where they belong.
'use strict';
{
  const start = async () => {
    const section = document.querySelector('section.near[data-waiting]');
    if (!section) return;
    try {
      const answer = await fetch(section.dataset.waiting, { headers: { Accept: 'text/html' } });
      if (!answer.ok) return;
      const counted = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('section.near');
      if (counted && section.isConnected) section.replaceWith(document.adoptNode(counted));
    } catch {
      // The link that waits without this script is still there.
    }
  };
  start();
  // Another unit has come into the page (walk.js).
  document.addEventListener('fovea:page', start);
}
